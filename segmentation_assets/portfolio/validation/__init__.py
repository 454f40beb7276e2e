"""What can be wrong in a portfolio file, and how it is told."""
