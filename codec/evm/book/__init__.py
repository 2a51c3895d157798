"""The VoucherBook's binding: everything but `interface.py` is generated from the contract."""
