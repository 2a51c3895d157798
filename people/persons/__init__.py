"""Persons: e-mail, password and platform roles."""
