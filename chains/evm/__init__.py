"""EVM chains: transactions (`adapter`), node messages (`errors`) and campaigns (`voucher_book`)."""
