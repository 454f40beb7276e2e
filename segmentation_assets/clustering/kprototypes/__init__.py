"""K-Prototypes: seeds, passes, border rows, local search, and the estimator around them."""
