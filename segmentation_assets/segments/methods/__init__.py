"""The methods that find segments: a file a method, with the object `METHOD` in it."""
