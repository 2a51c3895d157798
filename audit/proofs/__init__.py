"""Proof bundles: built from the chain's own bytes at finality, checked by `audit.verifier` before they go out."""
