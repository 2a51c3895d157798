"""Checks an exported audit log of the keystore, and checkpoints of it, far from the machine that wrote them.

Stands alone: the standard library, and PyNaCl for a checkpoint's signature.
"""
