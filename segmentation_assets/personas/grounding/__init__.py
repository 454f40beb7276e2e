"""Whether a text is true of a profile."""
