"""Agave's `jsonParsed` forms of accounts and instructions."""
