"""Keys that sign nothing for a while, whatever else allows it."""
