"""When the chain has numbered more vouchers of a lane than the database knows, as after a restore: find out which of
the waiting items they are, so that nobody gets a second voucher, and go on after them."""
