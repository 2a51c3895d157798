"""The `ethereum:` links of payment requests: a coin, or an ERC-20 token by `transfer`.

Source: ERC-681, "Syntax": `ethereum:[pay-]<address>[@<chain id>][/<function>][?<parameters>]`, numbers with an optional
decimal exponent. Names instead of addresses (ENS) and other functions are refused: the former need a resolver that is
trusted with the money, the latter hide what they do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, localcontext
from urllib.parse import parse_qsl

from primitives.account_id import checksum_address, parse_evm_address
from primitives.asset import MAX_BASE_UNITS
from primitives.errors import InvalidAddress, PaymentLinkRefused

SCHEME = "ethereum:"
MAX_LINK_LENGTH = 2_048
_LINK = re.compile(
    r"ethereum:(?:pay-)?(?P<target>[^@/?]{1,100})(?:@(?P<chain>[^/?]{1,30}))?(?:/(?P<function>[^?]{1,60}))?"
    r"(?:\?(?P<query>.*))?",
    re.ASCII,
)
_CHAIN = re.compile(r"[1-9][0-9]{0,17}")
_NUMBER = re.compile(r"\+?(?P<digits>[0-9]{1,78}(?:\.[0-9]{1,78})?)(?:[eE](?P<exponent>[0-9]{1,2}))?")
_IGNORED = frozenset({"gas", "gasLimit", "gasPrice", "label", "message"})
"""Of fees the payer decides; texts are no part of the standard and may say anything."""


@dataclass(frozen=True, slots=True)
class EvmPayment:
    """What a link asks for.

    Attributes:
        chain: EIP-155 number; None: the payer's current chain.
        recipient: 20 bytes. `token`: contract of an ERC-20 token, 20 bytes; None: the chain's coin.
        base_units: None: the payer chooses.
    """

    chain: int | None
    recipient: bytes
    token: bytes | None
    base_units: int | None

    def __str__(self) -> str:
        at = "" if self.chain is None else f"@{self.chain}"
        recipient = checksum_address(self.recipient)
        if self.token is None:
            value = "" if self.base_units is None else f"?value={self.base_units}"
            return f"{SCHEME}{recipient}{at}{value}"
        amount = "" if self.base_units is None else f"&uint256={self.base_units}"
        return f"{SCHEME}{checksum_address(self.token)}{at}/transfer?address={recipient}{amount}"


def parse_eip681(text: str) -> EvmPayment:
    """Read a link.

    Raises:
        InvalidAddress: A recipient or token that is no address, or has a wrong checksum.
        PaymentLinkRefused: `reason` is `scheme`, `malformed`, `name`, `function` or `amount`.
    """
    if len(text) > MAX_LINK_LENGTH:
        raise _refused("malformed", f"a payment link has at most {MAX_LINK_LENGTH} characters")
    if not text.startswith(SCHEME):
        raise _refused("scheme", "an EIP-681 link begins with ethereum:")
    match = _LINK.fullmatch(text)
    if match is None:
        raise _refused("malformed", "the link names no recipient")
    chain = match["chain"]
    if chain is not None and not _CHAIN.fullmatch(chain):
        raise _refused("malformed", f"{chain!r} is not a chain number")
    parameters = _parameters(match["query"] or "")
    target = _address(match["target"])
    number = None if chain is None else int(chain)
    if match["function"] is None:
        _only(parameters, {"value"})
        return EvmPayment(number, target, None, _units(parameters.get("value")))
    if match["function"] != "transfer":
        raise _refused("function", f"the link calls {match['function']!r}: only transfers are paid by link")
    _only(parameters, {"address", "uint256"})
    if "address" not in parameters:
        raise _refused("malformed", "the link names no recipient of the token")
    return EvmPayment(number, _address(parameters["address"]), target, _units(parameters.get("uint256")))


def _parameters(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=20)
    except ValueError as error:
        raise _refused("malformed", "the link's parameters cannot be read") from error
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            # Two wallets may each take another one of them.
            raise _refused("malformed", f"the link says {name[:40]!r} twice")
        found[name] = value
    return found


def _only(parameters: dict[str, str], known: set[str]) -> None:
    unknown = sorted(parameters.keys() - known - _IGNORED)
    if unknown:
        raise _refused("malformed", f"the link has a parameter {unknown[0][:40]!r} that a payment does not have")


def _address(text: str) -> bytes:
    if not text.startswith("0x"):
        raise _refused("name", f"{text[:60]!r} is a name and no address: ask for the address itself")
    try:
        return parse_evm_address(text)
    except InvalidAddress as error:
        raise InvalidAddress(error.message, field="link", address=text[:60]) from error


def _units(text: str | None) -> int | None:
    if text is None:
        return None
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise _refused("amount", f"{text[:60]!r} is no amount")
    with localcontext(prec=200):
        exact = Decimal(match["digits"]).scaleb(int(match["exponent"] or 0))
        units = int(exact)
        if exact != units or units > MAX_BASE_UNITS:
            raise _refused("amount", f"{text[:60]!r} is no whole number of base units that fits")
    return units


def _refused(reason: str, message: str) -> PaymentLinkRefused:
    return PaymentLinkRefused(message, reason=reason)
