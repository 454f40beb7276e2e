"""Numbers as people and spreadsheets write them."""
