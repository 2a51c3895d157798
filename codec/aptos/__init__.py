"""Aptos addresses."""
