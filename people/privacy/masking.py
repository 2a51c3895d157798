"""What of a person others see who need not see all."""

from __future__ import annotations


def masked_email(email: str | None) -> str | None:
    """`m•••@example.com`: enough to know a colleague by, too little to write to."""
    if email is None:
        return None
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def masked_name(name: str) -> str:
    """The first character: `梅••`."""
    return f"{name[:1]}••"
