"""Codes that prove a second factor."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
_DRIFT_STEPS = 1


def new_secret() -> str:
    """160 random bits in base32 (RFC 4226 §4 R6)."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def provisioning_uri(secret: str, account: str) -> str:
    """What an authenticator app scans (Key Uri Format)."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(
        name=account, issuer_name="Quanbao"
    )


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step of a code, at most one step away from now (RFC 6238 §5.2); None: it is of no such step.

    Every step is compared, whichever fits.
    """
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    current = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(current - _DRIFT_STEPS, current + _DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode(errors="replace")):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 random bits, grouped for reading: `ABCD-EFGH-IJKL-MNOP`."""
    return [_grouped(base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode()) for _ in range(RECOVERY_CODES)]


def recovery_digest(code: str) -> bytes:
    """SHA-256 of the code without case, hyphens and spaces; enough for 80 random bits."""
    plain = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(b"quanbao recovery code\x00" + plain.encode(errors="replace")).digest()


def is_totp(code: str) -> bool:
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def _grouped(text: str) -> str:
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))
