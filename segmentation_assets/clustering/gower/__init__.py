"""Gower's distance, and the exact silhouette without a matrix."""
