"""Campaigns: drafted once, launched chain by chain, issued from."""
