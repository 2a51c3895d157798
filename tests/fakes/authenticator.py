"""A device with one passkey, as a browser would speak for it (W3C Web Authentication Level 3 §6, §10.1.4)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_UP, _UV, _AT = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class SoftwareAuthenticator:
    """Checks its owner unless told otherwise, counts its answers, and has a pseudo-random function of its own."""

    def __init__(self, *, origin: str = "http://localhost:8080", verifies_owner: bool = True) -> None:
        self.origin = origin
        self.credential_id = secrets.token_bytes(32)
        self.counter = 0
        self.verifies_owner = verifies_owner
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._prf = secrets.token_bytes(32)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create`."""
        numbers = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], _AT) + attested
        return self._credential(
            {
                "clientDataJSON": text(self._client_data("webauthn.create", options)),
                "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
                "transports": ["internal"],
            }
        )

    def get(self, options: dict[str, Any], *, count: bool = True) -> dict[str, Any]:
        """Answer `navigator.credentials.get`."""
        self.counter += count
        client_data = self._client_data("webauthn.get", options)
        data = self._data(options["rpId"])
        signed = data + hashlib.sha256(client_data).digest()
        return self._credential(
            {
                "clientDataJSON": text(client_data),
                "authenticatorData": text(data),
                "signature": text(self._key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            }
        )

    def prf(self, options: dict[str, Any]) -> str:
        """First result of the PRF extension for the options' salt."""
        salt = options["extensions"]["prf"]["eval"]["first"]
        return text(hmac.digest(self._prf, base64.urlsafe_b64decode(salt + "=="), "sha256"))

    def _data(self, party: str, more: int = 0) -> bytes:
        flags = _UP | (_UV if self.verifies_owner else 0) | more
        return hashlib.sha256(party.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        identity = text(self.credential_id)
        return {"id": identity, "rawId": identity, "type": "public-key", "response": response}
