"""GoogleSQL: found, read, put into an engine's dialect, and held against what is declared."""
