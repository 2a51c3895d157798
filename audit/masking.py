"""Persons' accounts as pseudonyms, for readers who were granted campaigns and not persons.

A pseudonym is the same within one grant, so that acts of one person stay together, and another one in every other.
It keeps persons' accounts out of lists, pages and files. It hides nothing from whoever looks a named transaction up on
a public chain, or asks for the proof of one voucher, which cannot be proven without its holder.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

PERSONAL = ("holder", "sender", "recipient")
"""The fields of facts, rows and findings that name a person's account."""

PREFIX = "person:"
DIGITS = 16
"""Hex digits of a pseudonym after its prefix: of SHA-256(the grant's 16 bytes ‖ the account as CAIP-10)."""

_PSEUDONYM = re.compile(f"{PREFIX}[0-9a-f]{{{DIGITS}}}")
# A personal field and its account, as words ("holder eip155:…") or as JSON.
_NAMED = re.compile(
    rf'\b({"|".join(PERSONAL)})("\s*:\s*"|\s)([-a-z0-9]{{3,8}}:[-_a-zA-Z0-9]{{1,32}}:[-.%a-zA-Z0-9]{{1,128}})'
)


@dataclass(frozen=True, slots=True)
class Masking:
    """What a reader is shown in place of persons' accounts; without a grant, the accounts."""

    grant: UUID | None = None

    def account(self, account: str) -> str:
        if self.grant is None:
            return account
        return PREFIX + hashlib.sha256(self.grant.bytes + account.encode()).hexdigest()[:DIGITS]

    def fields(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The same fields, those of persons by their pseudonyms."""
        return {name: self.account(value) if name in PERSONAL else value for name, value in values.items()}

    def words(self, text: str) -> str:
        """A text in which personal fields stand by their names, as findings have them."""
        return _NAMED.sub(lambda found: found[1] + found[2] + self.account(found[3]), text)

    def is_pseudonym(self, text: str) -> bool:
        """Whether it may be one of this grant's."""
        return self.grant is not None and _PSEUDONYM.fullmatch(text) is not None
