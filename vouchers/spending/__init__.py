"""What paid orders say about their payers' spending."""
