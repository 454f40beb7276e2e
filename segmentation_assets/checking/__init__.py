"""What can be told of a portfolio, its SQL and its files before anything is written.

Pure: nothing here knows of Dagster, and nothing is written. The graph asks for the features' SQL here, so that no run
begins on one that cannot be right; `segmentation check` tells the rest.
"""
