"""API keys: for a shop's own programs, by scope and address range; never for what only a person may do."""
