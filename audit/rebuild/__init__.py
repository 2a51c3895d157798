"""Dropping what follows from the chains, and making it again from them."""
