"""What a person's accounts hold, what of it is not to be trusted, and who may take it."""
