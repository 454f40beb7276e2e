"""CSV files: bytes, lines, rows."""
