"""One lane per (chain, account): who is next, what is on its way, and what is missing between."""
