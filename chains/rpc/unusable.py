"""An exchange that says nothing about the request."""

from __future__ import annotations


class Unusable(Exception):
    """No usable answer; another attempt, or another endpoint, may give one. Never leaves `chains.rpc`.

    Attributes:
        reason: What may be shown: no URL, no credentials.
        whole: The endpoint as such is at fault (no connection, wrong chain, told to wait), not just this method.
        wait_seconds: How long the endpoint asked to be left alone; None: it did not say.
    """

    def __init__(self, reason: str, *, whole: bool = False, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.whole = whole
        self.wait_seconds = wait_seconds
