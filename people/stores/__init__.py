"""The places where an organisation sells."""
