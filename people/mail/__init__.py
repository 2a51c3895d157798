"""Mail to persons: written in both languages, sent by durable work."""
