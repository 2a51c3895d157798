"""Pricing: which vouchers an order uses and what each line then costs. Pure functions, no I/O."""
