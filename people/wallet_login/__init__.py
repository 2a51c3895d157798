"""Sign in with a wallet: Ethereum (EIP-4361) and Solana (Sign In With Solana)."""
