"""Pictures of segments, in one style."""
