"""Everything that happened to a person's accounts, in one list and in plain words."""
