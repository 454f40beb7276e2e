"""The BigQuery engine: jobs, partitions, ledger, and what refusals mean."""
