"""Placement as GoogleSQL, to the bit what Python does."""
