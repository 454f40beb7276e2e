"""Claims about a segment that its profile backs, and the words for them."""
