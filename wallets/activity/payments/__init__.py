"""What a person asked for, as the engine keeps it."""
