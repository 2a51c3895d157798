"""The local EVM chain: Anvil run as a child, mined and journaled from here."""
