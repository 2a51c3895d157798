"""Attempts to pay orders."""
