"""Deriving and signing many at once: cached parents, prepared encodings, one policy decision and one audit entry.

Byte-identical to the path of single requests, which tests keep as its measure together with eth-account, bip-utils and
solders.
"""
