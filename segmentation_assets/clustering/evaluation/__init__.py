"""How good clusters are: scorecard, recommendation, stability."""
