"""Double-entry books over final chain facts, and what merchants are paid."""
