"""Solana off-chain messages, version 0: text that a key signs and no transaction can be mistaken for.

16 bytes "\\xffsolana offchain" ‖ version (1) ‖ application domain (32) ‖ format (1) ‖ signer count (1) ‖ signers
(32 each) ‖ message length (u16 little-endian) ‖ message.

Source: docs.anza.xyz/proposals/off-chain-message-signing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from codec.solana.wire import Reader
from primitives.errors import InvalidValue

SIGNING_DOMAIN = b"\xffsolana offchain"
MAX_BYTES = 65_535
"""Of the whole, preamble included; formats that a hardware wallet can show have `MAX_LEDGER_BYTES`."""
MAX_LEDGER_BYTES = 1_232
_VERSION = 0


class MessageFormat(IntEnum):
    """What the text may hold, and so who can show it."""

    RESTRICTED_ASCII = 0
    """Printable ASCII, 0x20 to 0x7e; short enough for one packet."""
    LIMITED_UTF8 = 1
    """UTF-8, short enough for one packet."""
    EXTENDED_UTF8 = 2
    """UTF-8 of up to 64 KiB."""


@dataclass(frozen=True, slots=True)
class OffchainMessage:
    """A message and who signs it.

    Attributes:
        application_domain: 32 bytes that keep one application's messages apart from another's.
        signers: 32 bytes each, at least one, none twice.
    """

    application_domain: bytes
    signers: tuple[bytes, ...]
    text: str

    def __post_init__(self) -> None:
        if len(self.application_domain) != 32 or any(len(key) != 32 for key in self.signers):
            raise InvalidValue("application domain and signers of an off-chain message have 32 bytes each")
        if not 1 <= len(self.signers) <= 255 or len(set(self.signers)) != len(self.signers):
            raise InvalidValue("an off-chain message has 1 to 255 signers, each once")
        if not self.text:
            raise InvalidValue("an off-chain message is not empty")
        if self._size > MAX_BYTES:
            raise InvalidValue(f"an off-chain message has at most {MAX_BYTES} bytes", size=self._size)

    @property
    def _body(self) -> bytes:
        try:
            return self.text.encode()
        except UnicodeEncodeError as error:
            raise InvalidValue("the text of an off-chain message is not Unicode") from error

    @property
    def _size(self) -> int:
        return len(SIGNING_DOMAIN) + 1 + 32 + 1 + 1 + 32 * len(self.signers) + 2 + len(self._body)

    @property
    def format(self) -> MessageFormat:
        """The narrowest that the text fits."""
        if self._size > MAX_LEDGER_BYTES:
            return MessageFormat.EXTENDED_UTF8
        printable = all(0x20 <= byte <= 0x7E for byte in self._body)
        return MessageFormat.RESTRICTED_ASCII if printable else MessageFormat.LIMITED_UTF8

    def encode(self) -> bytes:
        """The bytes that every signer signs."""
        body = self._body
        return b"".join(
            (
                SIGNING_DOMAIN,
                bytes((_VERSION,)),
                self.application_domain,
                bytes((self.format, len(self.signers))),
                *self.signers,
                len(body).to_bytes(2, "little"),
                body,
            )
        )


def decode_offchain_message(raw: bytes) -> OffchainMessage:
    """Read what `OffchainMessage.encode` writes.

    Raises:
        InvalidValue: Another domain or version, truncated, bytes left over, a format that the text does not have.
    """
    if len(raw) > MAX_BYTES:
        raise InvalidValue(f"an off-chain message has at most {MAX_BYTES} bytes", size=len(raw))
    reader = Reader(raw)
    if reader.take(len(SIGNING_DOMAIN)) != SIGNING_DOMAIN:
        raise InvalidValue("these bytes are not a Solana off-chain message")
    version = reader.byte()
    if version != _VERSION:
        raise InvalidValue(f"off-chain messages of version {version} are not known")
    domain, form, count = reader.take(32), reader.byte(), reader.byte()
    signers = tuple(reader.take(32) for _ in range(count))
    body = reader.take(reader.integer(2))
    reader.end()
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise InvalidValue("the text of an off-chain message is not UTF-8") from error
    message = OffchainMessage(domain, signers, text)
    if form != message.format:
        raise InvalidValue(f"the off-chain message says format {form}, its text has format {int(message.format)}")
    return message
