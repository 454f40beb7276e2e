"""Names, descriptions and proposals by rule."""
