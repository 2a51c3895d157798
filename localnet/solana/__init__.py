"""The local Solana chain: JSON-RPC and WebSocket over LiteSVM, kept in SQLite."""
