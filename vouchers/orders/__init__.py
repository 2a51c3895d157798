"""Orders at the till: charged by a merchant, quoted and paid by a holder in one act."""
