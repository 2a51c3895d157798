"""Everything that a person holds, of every kind, and what it is worth together."""
