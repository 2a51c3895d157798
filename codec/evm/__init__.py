"""EVM: transactions, ABI, typed data, identifiers."""
