"""The models, where every customer stands in them, and a map."""
