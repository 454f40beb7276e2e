"""Insights: what moves and what drifts between snapshots."""
