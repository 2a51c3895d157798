"""What carries vouchers to their holders: batches over all requests of a lane, and drops."""
