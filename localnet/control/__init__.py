"""The control port: status, faucet, manual mining."""
