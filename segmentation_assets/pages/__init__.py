"""Pages of the documentation that follow from the code: each is a function that returns its text."""
