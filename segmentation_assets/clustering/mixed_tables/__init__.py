"""Tables of numbers and categories: which column is which, and the arrays that kernels read."""
