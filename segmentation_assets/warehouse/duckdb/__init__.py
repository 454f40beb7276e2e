"""The embedded engine: one file that threads and processes share."""
