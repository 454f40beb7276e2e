"""Personas: what each segment looks like, what it is called, and pictures of both. Plain frames in and out."""
