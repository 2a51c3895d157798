"""The text that a wallet signs, read strictly and written in one way.

Source: EIP-4361 "Message Format"; Sign In With Solana (phantom/sign-in-with-solana, "ABNF Message Format"): it is the
same text with another name, optional fields, and a blank line less where there is no statement.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import takewhile

from primitives.account_id import checksum_address, parse_evm_address, parse_solana_address
from primitives.base58 import encode_base58
from primitives.errors import InvalidValue

MAX_LENGTH = 4096

_HEADER = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?P<domain>[A-Za-z0-9.\-:\[\]_~%]{1,255})"
    r" wants you to sign in with your (?P<family>Ethereum|Solana) account:"
)
_FIELDS = ("URI", "Version", "Chain ID", "Nonce", "Issued At", "Expiration Time", "Not Before", "Request ID")
_NONCE = re.compile(r"[A-Za-z0-9]{8,128}")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)")


class Family(StrEnum):
    """Whose account it is, as the text names it."""

    ETHEREUM = "Ethereum"
    SOLANA = "Solana"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One message, taken apart.

    Attributes:
        address: EIP-55 text, or base58.
        public: 20 bytes of the EVM address; the 32 bytes of the Solana key.
    """

    family: Family
    scheme: str | None
    domain: str
    address: str
    public: bytes
    statement: str | None
    uri: str
    chain_id: str
    nonce: str
    issued_at: datetime
    expires_at: datetime | None = None
    not_before: datetime | None = None
    request_id: str | None = None
    resources: Sequence[str] = ()

    @property
    def account(self) -> str:
        """`ethereum:0x…` or `solana:…`: one account is one text."""
        return f"{self.family.value.lower()}:{self.address}"

    def text(self) -> str:
        """The message to sign."""
        head = f"{self.scheme}://" if self.scheme else ""
        lines = [f"{head}{self.domain} wants you to sign in with your {self.family.value} account:", self.address, ""]
        if self.statement is not None:
            lines += [self.statement, ""]
        elif self.family is Family.ETHEREUM:
            lines.append("")
        lines += [f"URI: {self.uri}", "Version: 1", f"Chain ID: {self.chain_id}", f"Nonce: {self.nonce}"]
        lines.append(f"Issued At: {_rfc3339(self.issued_at)}")
        for name, moment in (("Expiration Time", self.expires_at), ("Not Before", self.not_before)):
            if moment is not None:
                lines.append(f"{name}: {_rfc3339(moment)}")
        if self.request_id is not None:
            lines.append(f"Request ID: {self.request_id}")
        if self.resources:
            lines += ["Resources:", *(f"- {each}" for each in self.resources)]
        return "\n".join(lines)


def parse_sign_in(text: str) -> SignIn:
    """Read a message.

    Raises:
        InvalidValue: Not of this form, or with an address whose checksum is wrong.
    """
    if len(text) > MAX_LENGTH or not all(" " <= character <= "~" or character == "\n" for character in text):
        raise _malformed(f"it is longer than {MAX_LENGTH} characters, or not printable ASCII")
    lines = text.split("\n")
    header = _HEADER.fullmatch(lines[0])
    if header is None or len(lines) < 5 or lines[2]:
        raise _malformed("its first lines")
    family = Family(header["family"])
    address, public = _address(family, lines[1])
    statement, rest = _statement(family, lines[3:])
    fields, resources = _fields(rest)
    if fields.get("Version") != "1" or _NONCE.fullmatch(fields.get("Nonce", "")) is None or not fields.get("URI"):
        raise _malformed("URI, version 1 and nonce are needed")
    chain_id = fields.get("Chain ID", "")
    if family is Family.ETHEREUM and re.fullmatch(r"[1-9][0-9]{0,77}", chain_id) is None:
        raise _malformed("its chain id")
    return SignIn(
        family,
        header["scheme"],
        header["domain"],
        address,
        public,
        statement,
        fields["URI"],
        chain_id,
        fields["Nonce"],
        _moment(fields.get("Issued At")),
        _moment(fields["Expiration Time"]) if "Expiration Time" in fields else None,
        _moment(fields["Not Before"]) if "Not Before" in fields else None,
        fields.get("Request ID"),
        tuple(resources),
    )


def _address(family: Family, text: str) -> tuple[str, bytes]:
    if family is Family.SOLANA:
        raw = parse_solana_address(text)
        return encode_base58(raw), raw
    raw = parse_evm_address(text)
    if text != checksum_address(raw):
        raise _malformed("its address has no EIP-55 checksum")
    return text, raw


def _statement(family: Family, lines: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """The statement, and the lines behind the blank one that follows it."""
    if lines[0].startswith("URI: ") and family is Family.SOLANA:
        return None, lines
    if lines[0] == "":
        return None, lines[1:]
    if len(lines) < 2 or lines[1]:
        raise _malformed("a statement is one line and a blank one")
    return lines[0], lines[2:]


def _fields(lines: Sequence[str]) -> tuple[dict[str, str], Sequence[str]]:
    """Each at most once, in the order of the standard."""
    found: dict[str, str] = {}
    plain = list(takewhile(lambda line: line != "Resources:", lines))
    place = 0
    for line in plain:
        name, separator, value = line.partition(": ")
        if not separator or name not in _FIELDS[place:]:
            raise _malformed("an unknown, repeated or misplaced line")
        place = _FIELDS.index(name) + 1
        found[name] = value
    resources = lines[len(plain) + 1 :]
    if any(not line.startswith("- ") for line in resources):
        raise _malformed("its resources")
    return found, [line[2:] for line in resources]


def _moment(text: str | None) -> datetime:
    if text is None or _RFC3339.fullmatch(text) is None:
        raise _malformed("a time that is not RFC 3339")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _malformed("a time that does not exist") from None


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _malformed(what: str) -> InvalidValue:
    return InvalidValue(f"this is not a sign-in message: {what}")
