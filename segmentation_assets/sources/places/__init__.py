"""Where an input table may lie: a file for each key of `sources.TABLE` that says so, called like the key.

Each has a `PLACE`. To add one is such a file, the key in `portfolio/sources.py`, marked as a `PLACE`, and a test.
"""
