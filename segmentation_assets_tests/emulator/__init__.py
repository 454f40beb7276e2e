"""A BigQuery to test against: built once into the environment, started by whoever needs it, spoken to over a socket."""
