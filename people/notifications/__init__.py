"""What persons are told: in the page, and by mail to those who ask for it."""
