"""Marts of an insurer: its book of policies, products and premium."""

KNOWN_BY = "policies"
"""The input table by which a company is known as an insurer."""
