"""What dApps ask an account for by EIP-1193, and the person's word on it."""
