"""Profiles of segments, and which of their figures may be told."""
