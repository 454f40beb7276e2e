"""Rows that were turned away: kept whole, counted, and told of without their values."""
