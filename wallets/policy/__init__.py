"""What the owner of an account allows beside what its key allows: limits, recipients, hours, approvals."""
