"""Content-addressed documents: rule documents and order documents, found by the keccak256 of their bytes."""
