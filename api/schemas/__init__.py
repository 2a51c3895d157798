"""What travels over HTTP: one file per resource, and the shapes that all share."""
