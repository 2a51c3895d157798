"""Accounts that sign nothing until somebody with a second factor, or a second person, lets them."""
