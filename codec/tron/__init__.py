"""TRON addresses."""
