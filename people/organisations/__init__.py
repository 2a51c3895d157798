"""Organisations (merchants and sponsors) and their members."""
