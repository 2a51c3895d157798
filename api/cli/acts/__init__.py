"""The acts of the API on the command line: one small module per resource, each a client of the public HTTP API."""
