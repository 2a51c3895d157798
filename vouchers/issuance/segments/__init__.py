"""Segments: people singled out by what they bought, hold, spent, and when they were last seen."""
