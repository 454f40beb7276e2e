"""Personas: what each segment looks like, and what it is called. Plain frames in and out."""
