"""What a chain's own storage says of a campaign, at a height where the chain can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from audit.proofs.ports import JsonRpc
from audit.reconciliation.model import ChainFigures
from chains.campaign import CampaignTerms
from chains.ports import Chains
from chains.rpc.errors import NodeRefusal
from codec.evm.book import answers, calls
from codec.evm.erc20 import decode_uint, erc20_abi
from codec.solana.campaign_mint import campaign_mint_address
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, NodeUnavailable


class ChainReader(Protocol):
    """Figures of one chain's campaigns."""

    async def figures(self, terms: CampaignTerms, height: int | None) -> ChainFigures | None:
        """None while the campaign does not exist there.

        Args:
            height: None for the newest final one.

        Raises:
            InvalidValue: This chain cannot tell of past heights.
            NodeUnavailable
        """
        ...


class EvmReader:
    """Asks the books' views at a block. `books`: 20 bytes each."""

    def __init__(self, chain: ChainId, node: JsonRpc, books: Sequence[bytes]) -> None:
        self._chain = chain
        self._node = node
        self._books = books

    async def figures(self, terms: CampaignTerms, height: int | None) -> ChainFigures | None:
        if height is None:
            block = await self._node.call("eth_getBlockByNumber", "finalized", False)
            if block is None:
                return None
            height = int(block["number"], 16)
        for book in self._books:
            told = await self._view(book, calls.campaign_of_call(terms.id), height)
            if told is None:
                continue
            escrow = await self._view(book, calls.escrow_of_call(terms.id), height)
            campaign = answers.decode_campaign_of(told)
            held = None
            if any(campaign.settlement_asset):
                balance = erc20_abi().encode_call("balanceOf", book)
                answer = await self._view(campaign.settlement_asset, balance, height)
                held = None if answer is None else decode_uint(answer)
            return ChainFigures(
                height=height,
                rules_hash=campaign.rules_hash,
                issued=campaign.issued_ever,
                redeemed=campaign.redeemed,
                voided=campaign.voided,
                outstanding=campaign.issued_ever + campaign.reissued - campaign.redeemed - campaign.voided,
                funded=campaign.funded,
                paid=campaign.paid,
                escrow=None if escrow is None else answers.decode_escrow_of(escrow),
                held=held,
            )
        return None

    async def _view(self, contract: bytes, data: bytes, height: int) -> bytes | None:
        """None when it reverts."""
        question = {"to": "0x" + contract.hex(), "data": "0x" + data.hex()}
        try:
            answer: str = await self._node.call("eth_call", question, hex(height))
        except NodeRefusal as refusal:
            if "revert" in refusal.text.lower():
                return None
            raise NodeUnavailable(
                f"the node of {self._chain} does not answer for block {height}: ask an archive node",
                reason=refusal.text[:200],
            ) from refusal
        return None if answer == "0x" else bytes.fromhex(answer[2:])


class SolanaReader:
    """The mint's supply and the vault's balance, which a node knows only as they are now."""

    def __init__(self, chain: ChainId, node: JsonRpc, chains: Chains) -> None:
        self._chain = chain
        self._node = node
        self._chains = chains

    async def figures(self, terms: CampaignTerms, height: int | None) -> ChainFigures | None:
        if height is not None:
            raise InvalidValue(f"a node of {self._chain} keeps no past states: the ledger alone tells of slot {height}")
        mint = encode_base58(campaign_mint_address(terms.solana_issuer, terms.id))
        try:
            answer: Any = await self._node.call("getTokenSupply", mint, {"commitment": "confirmed"})
        except NodeRefusal:
            return None
        vault = await self._chains.book(self._chain).escrow(terms)
        return ChainFigures(
            height=int(answer["context"]["slot"]),
            outstanding=int(answer["value"]["amount"]),
            held=vault.base_units,
        )


class NodeClients(Chains, Protocol):
    def client(self, chain: ChainId) -> JsonRpc: ...


def chain_readers(chains: NodeClients, evm_books: Mapping[ChainId, Sequence[bytes]]) -> Mapping[ChainId, ChainReader]:
    """One for each configured chain."""
    readers: dict[ChainId, ChainReader] = {}
    for chain in chains.all():
        if chain.family == "eip155":
            readers[chain] = EvmReader(chain, chains.client(chain), evm_books.get(chain, ()))
        else:
            readers[chain] = SolanaReader(chain, chains.client(chain), chains)
    return readers
