"""The Dagster face: one module a stage, and partitions, checks, jobs and schedules beside them."""
