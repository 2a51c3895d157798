"""One field for everything an auditor may hold in hand."""
