"""Explainable rules over what is about to be signed: findings, a score, alerts, and overrides with their reason."""
