"""Tests of the synthetic insurer."""
