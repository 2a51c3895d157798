"""Events sent to the servers of organisations, signed (docs/webhooks.md)."""
