"""What a person tells support about a payment."""

from __future__ import annotations

from uuid import UUID

from primitives.spoken_code import spoken_code


def support_reference(payment_id: UUID) -> str:
    """`QP-` and eight letters: the first forty bits of the payment's random id, which thereby leads to it."""
    return f"QP-{spoken_code(payment_id.int >> 88)}"
