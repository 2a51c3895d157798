"""Claims: links with secrets, leaves of drops, signed tickets."""
