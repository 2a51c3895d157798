"""Files for auditors: rows by filters, with a signed manifest."""
