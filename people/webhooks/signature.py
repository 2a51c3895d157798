"""Sign what is sent, so that its receiver knows whom it is from and that nobody changed it.

Source: Standard Webhooks 1.0.0, "Signature scheme" and "Webhook headers"
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32
SCHEME = "v1"
TOLERANCE_SECONDS = 300


def new_secret() -> bytes:
    """32 random bytes; the scheme asks for 24 to 64."""
    return secrets.token_bytes(SECRET_BYTES)


def secret_text(secret: bytes) -> str:
    """As its receiver keeps it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over id, `.`, timestamp, `.`, body.

    Args:
        timestamp: Unix seconds of this attempt.
    """
    signed = message_id.encode() + b"." + str(timestamp).encode() + b"." + body
    return f"{SCHEME},{base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()}"


def headers_for(secrets_: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers. While a secret is being replaced, both sign: the receiver accepts either."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, message_id, timestamp, body) for secret in secrets_),
    }


def is_authentic(secret: bytes, headers: Mapping[str, str], body: bytes, now: int) -> bool:
    """What a receiver checks: one signature fits, and the attempt is not older or newer than five minutes."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return False
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    expected = signature(secret, message_id, int(timestamp), body).encode()
    sent = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected, one.encode()) for one in sent)
