"""Every known place of a chain's keys in a wallet, as the registry lists them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chains.addresses import address_of, canonical_address
from primitives.chain_id import ChainId
from primitives.derivation_path import HARDENED, DerivationPath
from primitives.errors import InvalidDerivationPath, InvalidValue, UnknownChain
from primitives.key_path import KeyPath, parse_key_path
from primitives.signing import Curve, PublicKey

_INDEX = "{index}"
_REGISTRY = Path(__file__).with_name("registry.toml")


@dataclass(frozen=True, slots=True)
class Scheme:
    """Where some wallets keep the keys of a network.

    Attributes:
        name: Stored with each account; unique within its network.
        wallets: Who counts so, for people.
        template: The path, with `{index}` unless there is one account only.
        form: Of the address (`chains.addresses`).
    """

    name: str
    wallets: str
    curve: Curve
    template: str
    form: str

    @property
    def counts(self) -> bool:
        """Whether it has more than one account."""
        return _INDEX in self.template

    def path(self, index: int) -> KeyPath:
        """The path of the account numbered `index`, from 0.

        Raises:
            InvalidDerivationPath: 2³¹ or more, or not 0 where the scheme has one account.
        """
        if not 0 <= index < HARDENED:
            raise InvalidDerivationPath(f"index {index} is not below 2^31", index=index)
        if index and not self.counts:
            raise InvalidDerivationPath(f"the scheme {self.name} has one account only", index=index)
        return parse_key_path(self.template.replace(_INDEX, str(index)), self.curve)

    def path_below(self, depth: int, index: int) -> DerivationPath:
        """As `path`, counted from an extended key at this depth of the tree.

        Raises:
            InvalidDerivationPath: Also when the extended key is deeper than the path.
        """
        whole = self.path(index)
        if not isinstance(whole, DerivationPath) or len(whole.levels) < depth:
            raise InvalidDerivationPath(f"the scheme {self.name} has no keys below depth {depth}", depth=depth)
        return DerivationPath(whole.levels[depth:])


@dataclass(frozen=True, slots=True)
class Network:
    """What keys and addresses need to know of a chain; it need not be connected.

    Attributes:
        id: CAIP-2.
        form: Of its addresses, unless a scheme says another.
    """

    id: str
    name: str
    symbol: str
    decimals: int
    form: str
    schemes: tuple[Scheme, ...]

    def scheme(self, name: str | None) -> Scheme:
        """By name; None: the first. Raises InvalidValue, naming those that there are."""
        if name is None:
            return self.schemes[0]
        for scheme in self.schemes:
            if scheme.name == name:
                return scheme
        known = ", ".join(scheme.name for scheme in self.schemes)
        raise InvalidValue(f"{self.name} has no scheme {name!r}; there are {known}", scheme=name)

    def scheme_at(self, path: str, curve: Curve) -> Scheme | None:
        """The scheme that has this path, if one does."""
        for scheme in self.schemes:
            head, placeholder, tail = scheme.template.partition(_INDEX)
            if scheme.curve is not curve:
                continue
            if not placeholder:
                if path == scheme.template:
                    return scheme
                continue
            number = path[len(head) : len(path) - len(tail)]
            if path == f"{head}{number}{tail}" and number.isascii() and number.isdigit():
                return scheme
        return None

    def address(self, key: PublicKey, form: str | None = None) -> str:
        """The address of a key."""
        return address_of(key, form or self.form, self.id)

    def canonical(self, address: str) -> str:
        """An address that somebody typed. Raises InvalidAddress."""
        return canonical_address(address, self.form, self.id)


def network(chain: ChainId | str) -> Network:
    """What is known of a chain, connected or not.

    Raises:
        UnknownChain
    """
    document = _document()
    text = str(chain)
    if text in document["network"]:
        return _network(text)
    try:
        parsed = ChainId.parse(text)
    except InvalidValue:
        known = ", ".join(document["network"])
        raise UnknownChain(f"{text!r} is no network that we know: eip155:…, solana:…, {known}", chain=text) from None
    return _read(text, {**document["family"][parsed.family], **document["chain"].get(text, {})})


def networks() -> tuple[Network, ...]:
    """The networks that are known without any node of theirs."""
    return tuple(_network(text) for text in _document()["network"])


@cache
def _network(text: str) -> Network:
    return _read(text, _document()["network"][text])


def _read(text: str, entry: Mapping[str, Any]) -> Network:
    schemes = tuple(
        Scheme(
            name=scheme["name"],
            wallets=scheme["wallets"],
            curve=Curve(scheme.get("curve", entry["curve"])),
            template=scheme["path"],
            form=scheme.get("address", entry["address"]),
        )
        for scheme in entry["schemes"]
    )
    return Network(text, entry["name"], entry["symbol"], entry["decimals"], entry["address"], schemes)


@cache
def _document() -> Mapping[str, Any]:
    return tomllib.loads(_REGISTRY.read_text())
