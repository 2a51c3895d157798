"""How much a service key may spend, counted by the keystore itself."""
