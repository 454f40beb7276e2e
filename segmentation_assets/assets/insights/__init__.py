"""Who moved between segments, and what drifted away from the model."""
