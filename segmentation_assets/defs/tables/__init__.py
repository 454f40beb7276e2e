"""Every table as a Dagster asset: how each stage is made, and what its page shows before it is."""
