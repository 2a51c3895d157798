"""Campaigns, pricing, orders and redemption, and the ledger of what the chains said about vouchers."""
