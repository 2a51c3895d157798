"""The life of a voucher, act by act, each with the place on a chain where it was read."""
