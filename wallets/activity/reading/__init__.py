"""Reading chains for what moved to and from the accounts here."""
