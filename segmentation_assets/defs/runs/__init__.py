"""Runs from the command line: started, followed, recorded, failed and killed."""
