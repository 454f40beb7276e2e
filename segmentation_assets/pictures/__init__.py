"""Pictures of segments, in one style. Frames of declared tables in, figures out."""
