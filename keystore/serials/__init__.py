"""Which voucher serials the redemption authority has co-signed, remembered before it signs."""
