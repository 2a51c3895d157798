"""What the chains said about vouchers: an append-only record of observations, and the tables projected from it."""
