"""Commands of the command line, one a module, and what they share; `cli` puts them together."""
