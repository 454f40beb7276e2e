"""Customer segments from an insurer's or a bank's tables, every night."""
