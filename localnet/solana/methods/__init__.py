"""JSON-RPC methods by area; each module lists its methods in `METHODS`."""
