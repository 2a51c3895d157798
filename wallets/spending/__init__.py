"""What a person spent and saved, and budgets with alerts."""
