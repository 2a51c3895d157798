"""What this layer forgets of a person."""
