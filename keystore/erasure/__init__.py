"""What the keystore forgets when a person is erased."""
