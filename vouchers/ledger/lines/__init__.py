"""Issues in bulk: from lines of a page straight to rows, without an object for each."""
