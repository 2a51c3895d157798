"""Schemas of second factors, passkeys, wallets that sign in, and API keys."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from api.schemas.auth import DEVICE, TRANSPORT, Code, Device, Secret, Transport
from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from people.api_keys.model import MAX_NETWORKS, SCOPES, ApiKey, ApiKeyToken
from people.passkeys.service import Passkey
from people.second_factor.service import SecondFactorState, TotpSetup
from people.wallet_login.message import MAX_LENGTH
from people.wallet_login.service import LinkedWallet

Credential = Annotated[
    dict[str, Any],
    Field(
        description="`PublicKeyCredential.toJSON()` of the browser",
        examples=[{"id": "AQID", "rawId": "AQID", "type": "public-key", "response": {}}],
        max_length=20,
    ),
]


def _device_answer(text: str) -> str:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise ValueError("must be base64url") from None
    if len(raw) != 32:
        raise ValueError("must be 32 bytes")
    return text


DeviceAnswer = Annotated[
    str,
    StringConstraints(min_length=43, max_length=44),
    AfterValidator(_device_answer),
    Field(
        description="First result of the PRF extension: 32 bytes in base64url",
        examples=["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"],
    ),
]


def answer_bytes(text: str) -> bytes:
    """The 32 bytes of a validated `DeviceAnswer`."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_")


class SecondFactorRead(ResponseBody):
    """What a login by password asks for beside it."""

    totp: bool = Field(description="Whether a code of the authenticator is asked for")
    recovery_codes_left: int

    @classmethod
    def of(cls, state: SecondFactorState) -> Self:
        return cls(totp=state.totp, recovery_codes_left=state.recovery_codes_left)


class TotpRead(ResponseBody):
    """Shown once. Scan it, then confirm with the first code."""

    secret: str = Field(description="Base32", examples=["JBSWY3DPEHPK3PXP"])
    uri: str = Field(description="`otpauth://` for a QR code", examples=["otpauth://totp/Quanbao:mei?secret=JBSWY3DP"])

    @classmethod
    def of(cls, setup: TotpSetup) -> Self:
        return cls(secret=setup.secret, uri=setup.uri)


class CodeGiven(RequestBody):
    """A code of the authenticator, or a recovery code."""

    code: Code


class RecoveryCodesRead(ResponseBody):
    """Shown once: print them, keep them apart from the phone. Each is good once."""

    codes: list[str] = Field(examples=[["ABCD-EFGH-IJKL-MNOP"]])


class OptionsRead(ResponseBody):
    """For `navigator.credentials`; good for five minutes, and once."""

    public_key: dict[str, Any] = Field(
        description="For `PublicKeyCredential.parse…OptionsFromJSON`", examples=[{"challenge": "AQID"}]
    )


class PasskeyAdd(RequestBody):
    """A device's answer to the options, and a name for it."""

    label: Line = Field(examples=["Mei's phone"])
    credential: Credential


class PasskeyRead(ResponseBody):
    """One passkey."""

    id: UUID
    label: str = Field(examples=["Mei's phone"])
    created_at: Moment
    last_used_at: Moment | None
    unlocks_keys: bool = Field(description="Whether it also opens the keystore, by the device's PRF")

    @classmethod
    def of(cls, passkey: Passkey, *, unlocks_keys: bool) -> Self:
        return cls(
            id=passkey.id,
            label=passkey.label,
            created_at=passkey.created_at,
            last_used_at=passkey.last_used_at,
            unlocks_keys=unlocks_keys,
        )


class PasskeyLogin(RequestBody):
    """A device's answer to the options of the login."""

    credential: Credential
    device: Device = DEVICE
    transport: Transport = TRANSPORT


class UnlockKeyAdd(RequestBody):
    """Let a passkey's device open the keystore: the passphrase is asked again."""

    passphrase: Secret
    credential: Credential
    device_answer: DeviceAnswer


class PasskeyUnlock(RequestBody):
    """A device's answer to the options of the unlock."""

    credential: Credential
    device_answer: DeviceAnswer


class SignInAsk(RequestBody):
    """Whose account will sign."""

    family: Literal["Ethereum", "Solana"] = Field(examples=["Ethereum"])
    address: str = Field(min_length=26, max_length=64, examples=["0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"])
    chain_id: str = Field(
        default="1", pattern=r"^[A-Za-z0-9:-]{1,64}$", description="EIP-155 number, or a cluster's name"
    )
    origin: str | None = Field(
        default=None, max_length=300, description="Where the page is served from", examples=["http://localhost:8080"]
    )


class SignInMessage(ResponseBody):
    """The text to sign with the wallet (`personal_sign`, `signMessage`); good for five minutes, and once."""

    message: str = Field(examples=["localhost:8080 wants you to sign in with your Ethereum account:\n0x…"])


class WalletSignature(RequestBody):
    """The signed text and its signature."""

    message: str = Field(min_length=1, max_length=MAX_LENGTH, examples=["localhost:8080 wants you to sign in…"])
    signature: str = Field(
        min_length=64,
        max_length=140,
        description="65 bytes in hex (Ethereum), 64 bytes in base58 (Solana)",
        examples=["0x" + "11" * 65],
    )


class WalletLogin(WalletSignature):
    """Sign in with a wallet; an account that nobody has linked makes a new person without e-mail."""

    device: Device = DEVICE
    transport: Transport = TRANSPORT


class LinkedWalletRead(ResponseBody):
    """An account that signs the caller in."""

    id: UUID
    account: str = Field(examples=["ethereum:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"])
    linked_at: Moment

    @classmethod
    def of(cls, wallet: LinkedWallet) -> Self:
        return cls(id=wallet.id, account=wallet.account, linked_at=wallet.linked_at)


Scope = Annotated[str, Field(json_schema_extra={"enum": sorted(SCOPES)}, max_length=40)]


class ApiKeyCreate(RequestBody):
    """A key for a program."""

    label: Line = Field(examples=["Shop server"])
    scopes: list[Scope] = Field(
        min_length=1, max_length=len(SCOPES), examples=[["orders:read", "orders:write"]], description="By resource"
    )
    organisation_id: UUID | None = Field(
        default=None, description="What it acts for; null: for your own things, and no organisation's"
    )
    networks: list[Annotated[str, Field(max_length=50)]] = Field(
        default=[], max_length=MAX_NETWORKS, examples=[["192.0.2.0/24"]], description="Empty: usable from anywhere"
    )
    days: int = Field(default=90, ge=1, le=366, description="Until it ends by itself")


class ApiKeyRead(ResponseBody):
    """One key, without its text."""

    id: UUID
    label: str = Field(examples=["Shop server"])
    scopes: list[str]
    organisation_id: UUID | None
    networks: list[str]
    created_at: Moment
    expires_at: Moment
    last_used_at: Moment | None = Field(description="To the minute")

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        return cls(**_facts(key))


class ApiKeyMade(ApiKeyRead):
    """A fresh key."""

    token: str = Field(description="For `Authorization: Bearer`; shown this once", examples=["qbk_…"])

    @classmethod
    def made(cls, token: ApiKeyToken, key: ApiKey) -> Self:
        return cls(token=token.text, **_facts(key))


def _facts(key: ApiKey) -> dict[str, Any]:
    used: datetime | None = key.last_used_at
    return {
        "id": key.id,
        "label": key.label,
        "scopes": sorted(key.scopes),
        "organisation_id": key.organisation_id,
        "networks": list(key.networks),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": used,
    }
