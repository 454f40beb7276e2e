"""Segments: train a lens's model, write it down as tables, place every customer with those tables alone."""
