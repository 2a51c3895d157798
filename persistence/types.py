"""Column types that keep money and identity exact."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, LargeBinary, Numeric, Text, TypeDecorator, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect


class BaseUnits(TypeDecorator[int]):
    """An integer of up to 78 digits (2^256 − 1), as NUMERIC(78, 0); Python sees `int`."""

    impl = Numeric(78, 0)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:
        return None if value is None else Decimal(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value)


Timestamp = DateTime(timezone=True)
"""An aware moment; the session time zone is UTC."""

Minor = BigInteger
"""Minor units of an ISO 4217 currency."""

__all__ = ["JSONB", "BaseUnits", "BigInteger", "LargeBinary", "Minor", "Text", "Timestamp", "Uuid"]
