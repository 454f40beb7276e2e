"""The Dagster face."""
