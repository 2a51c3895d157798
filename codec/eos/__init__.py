"""EOS public keys."""
