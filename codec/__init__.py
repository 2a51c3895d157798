"""Pure encoding of what is signed and read back: no I/O, no clock, no randomness."""
