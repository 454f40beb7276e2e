"""Factor analysis of mixed data, in one pass over the rows."""
