"""The only code that speaks to nodes: one adapter per family behind the ports of `chains.ports`."""
