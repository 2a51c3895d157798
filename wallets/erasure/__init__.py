"""What the wallets forget when a person is erased."""
