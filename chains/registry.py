"""The configured chains: the one place that knows both families.

`registry.toml` says what is known of a chain before any node is asked; where its node is comes from the settings.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import structlog

from chains.evm.adapter import EvmAdapter
from chains.evm.errors import head_told, node_refusal_kind
from chains.evm.fees import FeeRules
from chains.evm.voucher_book import EvmVoucherBook
from chains.evm.voucher_books import EvmVoucherBooks
from chains.ports import ChainAdapter, VoucherBook
from chains.rpc.chain_check import ChainCheck
from chains.rpc.client import JsonRpcClient
from chains.rpc.endpoint import EndpointSettings
from chains.rpc.errors import NodeRefusal
from chains.solana.adapter import SolanaAdapter
from primitives.account_id import AccountId, parse_evm_address
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId, Family
from primitives.derivation_path import DerivationPath
from primitives.errors import ChainMismatch, MissingPart, NodeUnavailable, UnknownChain
from primitives.position import Finality

log = structlog.get_logger()

_LOCAL_NAMES = {"eip155": "Local EVM chain (no value)", "solana": "Local Solana chain (no value)"}

_REGISTRY = Path(__file__).with_name("registry.toml")


@dataclass(frozen=True, slots=True)
class ChainInfo:
    """What is known of a chain without its node.

    Attributes:
        local: It is one of our own test networks: money without value, a faucet.
        assets: Tokens worth showing, the native coin first.
        finality_rule: When a payment is done, in words.
        wrapped_coin: The native coin as an ERC-20 token, 20 bytes; None where none is known.
        swap_router: A router with the interface of Uniswap v2, 20 bytes; None where none is known.
        faucet: Who gives test money on a local chain; None on others.
    """

    chain: ChainId
    name: str
    native: Asset
    required_finality: Finality
    derivation: str
    local: bool = False
    assets: tuple[Asset, ...] = ()
    wrapped_coin: bytes | None = None
    swap_router: bytes | None = None
    finality_rule: str = ""
    faucet: AccountId | None = None

    def derivation_path(self, index: int) -> DerivationPath:
        """The default path of the account with this index, from 0."""
        return DerivationPath.parse(self.derivation.format(index=index))


@dataclass(frozen=True, slots=True)
class ChainEndpoint:
    """Where one chain is reached, from the settings.

    Attributes:
        url: JSON-RPC over HTTP; may hold credentials and is never shown.
        chain: None: the node is asked at start (EVM chain id, Solana genesis hash).
        book: Address of the voucher book contract, 20 bytes (EVM).
        older_books: Books whose campaigns still live; new ones go to `book` (docs/adr/0025).
        assets: Tokens worth showing, such as the test money of a local network.
        local: A test network of our own.
        others: Further nodes of the same chain, in order of preference.
        private: The nodes are our own, inside our network: their names may resolve to addresses that are not public.
        quorum: How many nodes must agree on what becomes a record; None: more than half of them.
        calls_per_second: Of each node; None: no limit.
        wrapped_coin, swap_router: As in `ChainInfo`; None: as the registry says.
        faucet: As in `ChainInfo`.
    """

    family: Family
    url: str
    chain: ChainId | None = None
    book: bytes | None = None
    assets: tuple[Asset, ...] = ()
    local: bool = False
    others: tuple[str, ...] = ()
    private: bool = False
    quorum: int | None = None
    calls_per_second: float | None = None
    older_books: tuple[bytes, ...] = ()
    wrapped_coin: bytes | None = None
    swap_router: bytes | None = None
    faucet: AccountId | None = None

    def client(self, check: ChainCheck | None = None, *, finality_tags: bool = True) -> JsonRpcClient:
        """A client of all nodes."""
        nodes = [
            EndpointSettings(
                url,
                private=self.local or self.private or _names_own_machine(url),
                calls_per_second=self.calls_per_second,
            )
            for url in (self.url, *self.others)
        ]
        if self.family == "eip155":
            return JsonRpcClient(
                nodes,
                check=check,
                quorum=self.quorum,
                kinds=node_refusal_kind,
                head_of=head_told,
                renamed=None if finality_tags else _FINAL_AT_ONCE,
            )
        return JsonRpcClient(nodes, check=check, quorum=self.quorum)


_FINAL_AT_ONCE = {"safe": "latest", "finalized": "latest"}
"""Block tags on a chain whose blocks are final at once and whose nodes know no such tags."""


def _names_own_machine(url: str) -> bool:
    """Whether a URL names this machine or an address of our network outright, so that nobody else's name server can
    lead it there. Link-local addresses, where clouds keep their metadata, never pass."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_private and not address.is_link_local and not address.is_unspecified


def chain_info(chain: ChainId, *, local: bool = False, assets: Sequence[Asset] = ()) -> ChainInfo:
    """The registry's entry of a chain, or its family's."""
    entry = _entry(chain)
    native = Asset(AssetId.native(chain), entry["symbol"], entry["decimals"])
    return ChainInfo(
        chain=chain,
        name=_LOCAL_NAMES[chain.family] if local else entry["name"],
        native=native,
        required_finality=Finality[entry["required_finality"].upper()],
        derivation=entry["derivation"],
        local=local,
        assets=(native, *(asset for asset in assets if asset.id != native.id)),
        wrapped_coin=None if local else _address(entry.get("wrapped_coin")),
        swap_router=None if local else _address(entry.get("swap_router")),
        finality_rule=entry["finality_rule"],
    )


def _address(text: str | None) -> bytes | None:
    return None if text is None else parse_evm_address(text)


def fee_rules(chain: ChainId, *, local: bool = False) -> FeeRules:
    """What the registry knows of an EVM chain's fees; nodes of our own keep as many waiting transactions as we like."""
    entry = _entry(chain)
    known = {name: entry[name] for name in ("price_cap", "least_priority", "data_fee", "window") if name in entry}
    return FeeRules(**{"window": 4096, **known} if local else known)


def _entry(chain: ChainId) -> Mapping[str, Any]:
    document = _document()
    return {**document["family"][chain.family], **document["chain"].get(str(chain), {})}


class ConfiguredChains:
    """`chains.ports.Chains` by shape."""

    def __init__(self) -> None:
        self._infos: dict[ChainId, ChainInfo] = {}
        self._adapters: dict[ChainId, ChainAdapter] = {}
        self._books: dict[ChainId, VoucherBook] = {}
        self._clients: dict[ChainId, JsonRpcClient] = {}

    @classmethod
    async def connect(cls, endpoints: Sequence[ChainEndpoint]) -> Self:
        """Build adapters and voucher books.

        A node that does not answer is no hindrance where its chain is configured: everything waits for it.

        Raises:
            NodeUnavailable: The node must tell which chain it serves, and does not answer.
            ChainMismatch: The node serves another chain than the one configured.
        """
        chains = cls()
        try:
            for endpoint in endpoints:
                await chains._add(endpoint)
        except BaseException:
            await chains.close()
            raise
        return chains

    async def _add(self, endpoint: ChainEndpoint) -> None:
        chain = endpoint.chain
        if chain is None:
            asker = endpoint.client()
            try:
                chain = await _served_chain(endpoint.family, asker)
            finally:
                await asker.close()
        rpc = endpoint.client(ChainCheck.of(chain), finality_tags=_entry(chain).get("finality_tags", True))
        if chain.family != endpoint.family or chain in self._clients:
            await rpc.close()
            raise ChainMismatch(f"{chain} is configured twice or under another family", configured=str(chain))
        self._clients[chain] = rpc
        info = chain_info(chain, local=endpoint.local, assets=endpoint.assets)
        info = replace(
            info,
            wrapped_coin=endpoint.wrapped_coin or info.wrapped_coin,
            swap_router=endpoint.swap_router or info.swap_router,
            faucet=endpoint.faucet,
        )
        self._infos[chain] = info
        adapter: ChainAdapter
        if chain.family == "eip155":
            adapter = EvmAdapter(
                chain,
                rpc,
                native=info.native,
                required_finality=info.required_finality,
                fees=fee_rules(chain, local=endpoint.local),
            )
            if endpoint.book is not None:
                books = [EvmVoucherBook(chain, rpc, book) for book in (endpoint.book, *endpoint.older_books)]
                self._books[chain] = books[0] if len(books) == 1 else EvmVoucherBooks(books)
        else:
            adapter = SolanaAdapter(
                chain,
                rpc,
                native=info.native,
                required_finality=info.required_finality,
                known_assets=info.assets,
            )
        self._adapters[chain] = adapter
        try:
            await adapter.check()
        except NodeUnavailable as error:
            log.warning("node_unavailable_at_start", chain=str(chain), reason=error.message)

    def all(self) -> Sequence[ChainId]:
        """In the order of the settings: the position is not the lane."""
        return tuple(self._adapters)

    def adapter(self, chain: ChainId) -> ChainAdapter:
        """Raises UnknownChain."""
        try:
            return self._adapters[chain]
        except KeyError:
            raise _unknown(chain, self._adapters) from None

    def book(self, chain: ChainId) -> VoucherBook:
        """Raises UnknownChain, or MissingPart for a chain without a voucher book."""
        if chain not in self._adapters:
            raise _unknown(chain, self._adapters)
        if chain not in self._books:
            raise MissingPart(f"{chain} has no voucher book configured", mend="configure its address")
        return self._books[chain]

    def add_book(self, book: VoucherBook) -> None:
        """For books that need more than an address, as Solana's needs the platform's keys."""
        self.adapter(book.chain_id)
        self._books[book.chain_id] = book

    def info(self, chain: ChainId) -> ChainInfo:
        """Raises UnknownChain."""
        self.adapter(chain)
        return self._infos[chain]

    def known_assets(self, chain: ChainId) -> Sequence[Asset]:
        """The native coin first. Raises UnknownChain."""
        return self.info(chain).assets

    def client(self, chain: ChainId) -> JsonRpcClient:
        """The chain's connection, for parts that read what the ports do not offer (proofs). Raises UnknownChain."""
        self.adapter(chain)
        return self._clients[chain]

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()


def _unknown(chain: ChainId, configured: Mapping[ChainId, object]) -> UnknownChain:
    known = ", ".join(str(each) for each in configured) or "none"
    return UnknownChain(f"{chain} is not among the configured chains ({known})", chain=str(chain))


async def _served_chain(family: Family, rpc: JsonRpcClient) -> ChainId:
    try:
        if family == "eip155":
            return ChainId.evm(int(await rpc.call("eth_chainId"), 16))
        return ChainId.solana(await rpc.call("getGenesisHash"))
    except NodeRefusal as refusal:
        raise ChainMismatch(
            f"the node at {rpc.place} is not of the family {family}: {refusal.text[:200]}", configured=family
        ) from refusal


@cache
def _document() -> Mapping[str, Any]:
    return tomllib.loads(_REGISTRY.read_text())
