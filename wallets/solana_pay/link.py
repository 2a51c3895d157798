"""The `solana:` links of payment requests.

Source: Solana Pay specification 1.0 and 1.1 (docs.solanapay.com/spec): transfer request
`solana:<recipient>?amount=…&spl-token=…&reference=…&label=…&message=…&memo=…`, transaction request
`solana:<https link>`, percent-encoded when the link has a query.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from codec.solana.associated_token import is_on_curve
from primitives.base58 import decode_base58, encode_base58
from primitives.errors import InvalidAddress, InvalidValue

SCHEME = "solana:"
MAX_LINK_LENGTH = 2_048
MAX_REFERENCES = 10
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,39})(\.[0-9]{1,20})?")
_ONCE = ("amount", "spl-token", "label", "message", "memo")
_MAX_MEMO_BYTES = 566
_MAX_TEXT = 500


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """A transfer that a wallet makes by itself.

    Attributes:
        recipient: 32 bytes; an account on the curve, never a token account.
        amount: In units as people write them; None: the payer chooses.
        spl_token: Mint, 32 bytes; None: SOL.
        references: 32 bytes each, in order; they go into the transfer instruction, so that it can be found.
    """

    recipient: bytes
    amount: Decimal | None = None
    spl_token: bytes | None = None
    references: tuple[bytes, ...] = ()
    label: str | None = None
    message: str | None = None
    memo: str | None = None

    def __str__(self) -> str:
        fields: list[tuple[str, str]] = []
        if self.amount is not None:
            fields.append(("amount", format(self.amount, "f")))
        if self.spl_token is not None:
            fields.append(("spl-token", encode_base58(self.spl_token)))
        fields += [("reference", encode_base58(key)) for key in self.references]
        for name in ("label", "message", "memo"):
            text = getattr(self, name)
            if text is not None:
                fields.append((name, text))
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields)
        return f"{SCHEME}{encode_base58(self.recipient)}" + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class TransactionRequest:
    """A transaction that the server at `link` composes: GET tells label and icon, POST an account gives it."""

    link: str

    def __str__(self) -> str:
        return SCHEME + (quote(self.link, safe="") if urlsplit(self.link).query else self.link)


def parse_link(text: str) -> TransferRequest | TransactionRequest:
    """Read a link as a wallet must.

    Raises:
        InvalidAddress: Recipient, mint or reference is no address, or the recipient is off the curve.
        InvalidValue: Anything else that the specification calls malformed; `field` names it.
    """
    if len(text) > MAX_LINK_LENGTH:
        raise InvalidValue(f"a Solana Pay link has at most {MAX_LINK_LENGTH} characters", field="link")
    if not text.startswith(SCHEME):
        raise InvalidValue("a Solana Pay link begins with solana:", field="link")
    path, _, query = text[len(SCHEME) :].partition("?")
    if ":" in path or "%" in path:
        return _transaction_request(text[len(SCHEME) :])
    recipient = _address(path, "recipient")
    if not is_on_curve(recipient):
        raise InvalidAddress("the recipient is no wallet: its address is off the curve", address=path)
    try:
        fields = parse_qsl(query, keep_blank_values=True, max_num_fields=40, errors="strict")
    except (ValueError, UnicodeDecodeError) as error:
        raise InvalidValue("the link's fields cannot be read", field="link") from error
    values: dict[str, str] = {}
    references: list[bytes] = []
    for name, value in fields:
        if name == "reference":
            references.append(_address(value, "reference"))
        elif name in _ONCE:
            if name in values:
                raise InvalidValue(f"the link names {name} twice", field=name)
            values[name] = value
    if len(references) > MAX_REFERENCES:
        raise InvalidValue(f"the link has more than {MAX_REFERENCES} references", field="reference")
    amount = values.get("amount")
    if amount is not None and not _AMOUNT.fullmatch(amount):
        raise InvalidValue(f"{amount[:60]!r} is no amount: digits, and a point at most", field="amount")
    if len(values.get("memo", "").encode()) > _MAX_MEMO_BYTES:
        raise InvalidValue(f"a memo has at most {_MAX_MEMO_BYTES} bytes", field="memo", limit=_MAX_MEMO_BYTES)
    for name in ("label", "message"):
        if len(values.get(name, "")) > _MAX_TEXT:
            raise InvalidValue(f"{name} has at most {_MAX_TEXT} characters", field=name, limit=_MAX_TEXT)
    return TransferRequest(
        recipient=recipient,
        amount=None if amount is None else Decimal(amount),
        spl_token=_address(values["spl-token"], "spl-token") if "spl-token" in values else None,
        references=tuple(references),
        label=values.get("label"),
        message=values.get("message"),
        memo=values.get("memo"),
    )


def _transaction_request(rest: str) -> TransactionRequest:
    link = unquote(rest, errors="strict") if "%" in rest.partition("?")[0] else rest
    parts = urlsplit(link)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise InvalidValue("a transaction request is an https link", field="link")
    return TransactionRequest(link)


def _address(text: str, field: str) -> bytes:
    try:
        return decode_base58(text, length=32)
    except InvalidValue as error:
        raise InvalidAddress(
            f"{field} is no Solana address: {error.message}", field=field, address=text[:60]
        ) from error
