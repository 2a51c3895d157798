"""Names for the accounts that a person pays."""
