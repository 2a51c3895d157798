"""What freezes need from others."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID


class SecondFactors(Protocol):
    """Codes of a person's second factor; `people.second_factor` conforms."""

    async def require(self, person_id: UUID, code: str, *, set_up_before: datetime | None = None) -> None:
        """Use a code up.

        Raises:
            LoginFailed, TooManyAttempts
            NotFound: No second factor is in use, or it was set up after the moment.
        """
        ...
