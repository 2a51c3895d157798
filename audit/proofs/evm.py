"""Proof bundles of redemptions on an EVM chain."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import structlog

from audit.proofs.bundle import assemble_bundle
from audit.proofs.evm_encoding import Json, encode_header, encode_receipt, encode_transaction, trie_proof
from audit.proofs.evm_state import StateProof, state_proof, storage_keys
from audit.proofs.ports import Attester, JsonRpc, ProofSubject
from chains.rpc.errors import NodeRefusal
from codec.evm.book.events import PayoutCredited, RemainderPaid, VoucherRedeemed, decode_event
from primitives.account_id import AccountId, checksum_address, parse_evm_address
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, ProofUnavailable
from primitives.hashing import keccak256
from primitives.position import Finality

log = structlog.get_logger()

DEFAULT_HEADERS = 32
MAX_HEADERS = 1024
"""What the verifier reads in one bundle."""

_TAGS = {Finality.SAFE: "safe", Finality.FINALIZED: "finalized"}
_TRANSFER = keccak256(b"Transfer(address,address,uint256)")


class EvmBundleBuilder:
    """Builds from `eth_*` answers alone.

    Args:
        books: 20 bytes each; logs of other contracts prove nothing to us.
        finality: SAFE or FINALIZED; below it a redemption is not proven.
        headers: At most so many headers, the redemption's own included, lead up to the attested head.
    """

    def __init__(
        self,
        chain: ChainId,
        node: JsonRpc,
        books: Collection[bytes],
        attester: Attester,
        *,
        finality: Finality = Finality.FINALIZED,
        headers: int = DEFAULT_HEADERS,
    ) -> None:
        if finality not in _TAGS or not 0 < headers <= MAX_HEADERS:
            raise InvalidValue(f"proofs rest on safe or finalized blocks and 1 to {MAX_HEADERS} headers")
        self._chain = chain
        self._node = node
        self._books = frozenset(books)
        self._attester = attester
        self._finality = _TAGS[finality]
        self._headers = headers

    async def build(self, subject: ProofSubject) -> bytes:
        """The bundle of one redemption, in canonical bytes.

        Raises:
            ProofUnavailable: Not final yet, no longer known to the node, or not of a kind that bundles hold.
            NodeUnavailable
        """
        tx_hash = subject.redemption.tx_hash
        receipt = await self._node.call("eth_getTransactionReceipt", tx_hash)
        if receipt is None:
            raise ProofUnavailable(
                f"the node does not know transaction {tx_hash}: it was dropped, or the node has forgotten it",
                transaction=tx_hash,
            )
        top = await self._final_height()
        height = int(receipt["blockNumber"], 16)
        if height > top:
            raise ProofUnavailable(
                f"the redemption is in block {height}, and {self._finality} is {top}: ask again when it is final",
                height=height,
                final_height=top,
            )
        block = await self._node.call("eth_getBlockByHash", receipt["blockHash"], True)
        receipts = await self._node.call("eth_getBlockReceipts", receipt["blockNumber"])
        if block is None or receipts is None:
            raise ProofUnavailable(f"the node no longer has block {height}: ask an archive node", height=height)
        head = min(top, height + self._headers - 1)
        raw_headers = await self._header_chain(block, height, head)
        index = int(receipt["transactionIndex"], 16)
        values = [encode_transaction(item) for item in block["transactions"]]
        log_index = self._log_of(subject, receipt)
        book = _address(receipt["logs"][log_index])
        state = await self._state(subject, book, raw_headers[-1], head)
        evidence = {
            "headers": [raw.hex() for raw in raw_headers],
            "log_index": log_index,
            "receipt_proof": _hex(
                trie_proof([encode_receipt(r) for r in receipts], index, _data(block["receiptsRoot"]))
            ),
            "state": None if state is None else state.evidence,
            "transaction_index": index,
            "transaction_proof": _hex(trie_proof(values, index, _data(block["transactionsRoot"]))),
        }
        statement = {
            "block_hash": "0x" + keccak256(raw_headers[-1]).hex(),
            "chain": str(self._chain),
            "finality": self._finality,
            "height": head,
            "kind": "evm_head",
        }
        claim = self._claim(subject, block, receipt, log_index)
        claim["state"] = None if state is None else state.claim
        return await assemble_bundle(subject, claim, evidence, statement, self._attester)

    async def _state(self, subject: ProofSubject, book: bytes, header: bytes, height: int) -> StateProof | None:
        """The voucher's state at the head; None where the node no longer has it, or shows no proofs at all."""
        redemption = subject.redemption
        keys = storage_keys(redemption.voucher.raw, redemption.redemption_id)
        try:
            answer = await self._node.call(
                "eth_getProof", "0x" + book.hex(), ["0x" + key.hex() for key in keys], hex(height)
            )
        except NodeRefusal as refusal:
            log.info("no_state_proof", chain=str(self._chain), height=height, reason=refusal.text[:200])
            return None
        return state_proof(answer, header, height, book, redemption)

    async def _final_height(self) -> int:
        block = await self._node.call("eth_getBlockByNumber", self._finality, False)
        return -1 if block is None else int(block["number"], 16)

    async def _header_chain(self, block: Json, height: int, head: int) -> list[bytes]:
        """Headers from the redemption's block to the head, each the parent of the next."""
        calls = [("eth_getBlockByNumber", (hex(number), False)) for number in range(height + 1, head + 1)]
        above = await self._node.batch(calls) if calls else []
        expected = block["hash"]
        raw = [encode_header(block)]
        for child in above:
            if child is None or child["parentHash"] != expected:
                raise ProofUnavailable("the chain changed while the proof was built: ask again", height=height)
            expected = child["hash"]
            raw.append(encode_header(child))
        return raw

    def _log_of(self, subject: ProofSubject, receipt: Json) -> int:
        """Place, in the receipt, of the log of this redemption."""
        for place, entry in enumerate(receipt["logs"]):
            event = self._event(entry, self._books)
            if isinstance(event, VoucherRedeemed) and event.redemption_id == subject.redemption.redemption_id:
                return place
        raise ProofUnavailable(
            f"transaction {subject.redemption.tx_hash} has no log of redemption "
            f"{subject.redemption.redemption_id.hex()}: compare the ledger with the chain",
            transaction=subject.redemption.tx_hash,
        )

    def _event(self, entry: Json, books: Collection[bytes]) -> Any:
        if _address(entry) not in books:
            return None
        return decode_event([_data(topic) for topic in entry["topics"]], _data(entry["data"]))

    def _claim(self, subject: ProofSubject, block: Json, receipt: Json, log_index: int) -> dict[str, Any]:
        book = _address(receipt["logs"][log_index])
        redeemed = self._event(receipt["logs"][log_index], (book,))
        payout = self._payout(receipt["logs"], redeemed, book)
        return {
            "amount_minor": str(redeemed.amount_minor),
            "block_hash": block["hash"],
            "block_time": int(block["timestamp"], 16),
            "book": self._account(book),
            "campaign": str(redeemed.voucher.campaign),
            "chain": str(self._chain),
            "credit": None if payout or not redeemed.payout else str(redeemed.payout),
            "height": int(block["number"], 16),
            "holder": self._account(redeemed.holder),
            "merchant": self._account(redeemed.merchant),
            "moves": str(redeemed.sequence),
            "order_hash": redeemed.order_hash.hex(),
            "payout": payout,
            "redemption_id": redeemed.redemption_id.hex(),
            "remainder": self._remainder(receipt["logs"], redeemed, book),
            "rules_hash": keccak256(subject.campaign.rule_document).hex(),
            "submitter": self._account(_data(receipt["from"])),
            "transaction": receipt["transactionHash"],
            "voucher": str(redeemed.voucher),
        }

    def _payout(self, logs: Sequence[Json], redeemed: VoucherRedeemed, book: bytes) -> dict[str, str] | None:
        """The book pays a merchant's vouchers in their order, one transfer for each run that settles in the same asset,
        all before any remainder. None where the payout was credited, or is nothing."""
        if redeemed.payout == 0:
            return None
        read = [self._event(entry, (book,)) for entry in logs]
        credited = {event.redemption_id for event in read if isinstance(event, PayoutCredited)}
        if redeemed.redemption_id in credited:
            return None
        events = [
            event
            for event in read
            if isinstance(event, VoucherRedeemed)
            and event.payout
            and event.merchant == redeemed.merchant
            and event.redemption_id not in credited
        ]
        parties = [_TRANSFER, book.rjust(32, b"\0"), redeemed.merchant.rjust(32, b"\0")]
        for entry in logs:
            if [_data(topic) for topic in entry["topics"]] != parties or len(entry["data"]) != 66:
                continue
            left = int(entry["data"], 16)
            while left and events and events[0].payout <= left:
                event = events.pop(0)
                left -= event.payout
                if event.redemption_id == redeemed.redemption_id:
                    return self._money(_data(entry["address"]), redeemed.payout)
        # A campaign that settles later credits without a log of its own.
        return None

    def _remainder(self, logs: Sequence[Json], redeemed: VoucherRedeemed, book: bytes) -> dict[str, str] | None:
        for entry in logs:
            event = self._event(entry, (book,))
            if isinstance(event, RemainderPaid) and event.order_hash == redeemed.order_hash:
                return self._money(event.asset, event.amount)
        return None

    def _money(self, token: bytes, base_units: int) -> dict[str, str]:
        asset = AssetId.fungible(self._chain, checksum_address(token))
        return {"asset": str(asset), "base_units": str(base_units)}

    def _account(self, address: bytes) -> str:
        return str(AccountId.from_raw(self._chain, address))


def _address(entry: Json) -> bytes:
    return parse_evm_address(entry["address"].lower())


def _hex(nodes: Sequence[bytes]) -> list[str]:
    return [node.hex() for node in nodes]


def _data(text: str) -> bytes:
    return bytes.fromhex(text[2:])
