"""Proof bundles of redemptions on Solana."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from audit.proofs.bundle import assemble_bundle
from audit.proofs.ports import Attester, JsonRpc, ProofSubject
from audit.proofs.solana_history import MintHistoryReader
from codec.solana.message import decode_transaction
from codec.solana.redemption import BurnedVoucher, MovedTokens, RedemptionTransaction, decode_redemption
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, ProofUnavailable, RedemptionRefused
from primitives.hashing import keccak256
from primitives.position import Finality

_COMMITMENTS = {Finality.SAFE: "confirmed", Finality.FINALIZED: "finalized"}
_NAMES = {Finality.SAFE: "safe", Finality.FINALIZED: "finalized"}


class SolanaBundleBuilder:
    """Builds from a transaction's own bytes; slot, time and success are attested, no light proof exists for them.

    Args:
        finality: SAFE (confirmed) or FINALIZED; below it a redemption is not proven.
    """

    def __init__(
        self, chain: ChainId, node: JsonRpc, attester: Attester, *, finality: Finality = Finality.FINALIZED
    ) -> None:
        if finality not in _COMMITMENTS:
            raise InvalidValue("proofs rest on confirmed or finalized slots")
        self._chain = chain
        self._node = node
        self._attester = attester
        self._finality = finality

    async def build(self, subject: ProofSubject) -> bytes:
        """The bundle of one redemption, in canonical bytes.

        Raises:
            ProofUnavailable: Not final yet, failed, no longer known to the node, or not of a kind that bundles hold.
            NodeUnavailable
        """
        signature = subject.redemption.tx_hash
        commitment = _COMMITMENTS[self._finality]
        options = {"encoding": "base64", "commitment": commitment, "maxSupportedTransactionVersion": 0}
        found = await self._node.call("getTransaction", signature, options)
        if found is None:
            raise ProofUnavailable(
                f"no node has transaction {signature} as {commitment}: ask again when it is final",
                transaction=signature,
            )
        if found["meta"] is None or found["meta"]["err"] is not None:
            raise ProofUnavailable(f"transaction {signature} failed on chain", transaction=signature)
        raw = _bytes(found["transaction"][0])
        slot = found["slot"]
        block = await self._node.call(
            "getBlock",
            slot,
            {
                "transactionDetails": "none",
                "rewards": False,
                "commitment": commitment,
                "maxSupportedTransactionVersion": 0,
            },
        )
        if block is None or found.get("blockTime") is None:
            raise ProofUnavailable(f"the node no longer has slot {slot}: ask an archive node", height=slot)
        redemption, burned = self._read(subject, raw)
        payout = _payout_of(redemption, burned)
        history = await MintHistoryReader(self._node, commitment).read(burned.mint, signature, subject.life)
        statement = {
            "block_hash": block["blockhash"],
            "block_time": found["blockTime"],
            "chain": str(self._chain),
            "finality": _NAMES[self._finality],
            "height": history.height,
            "kind": "solana_history",
            "mint": encode_base58(burned.mint),
            "scope": history.scope,
            "supply": str(history.supply),
            "transactions": [{"height": one.slot, "id": one.id} for one in history.transactions],
        }
        ids = [one.id for one in history.transactions]
        evidence = {
            "burn_index": burned.index,
            "history": [one.raw.hex() for one in history.transactions],
            "place": ids.index(signature),
        }
        parties = redemption.parties
        claim = {
            "amount_minor": str(burned.amount_minor),
            "authority": self._account(parties.authority),
            "block_hash": statement["block_hash"],
            "block_time": statement["block_time"],
            "campaign": str(burned.voucher.campaign),
            "chain": str(self._chain),
            "height": slot,
            "holder": self._account(parties.holder),
            "merchant": self._account(parties.merchant),
            "mint": encode_base58(burned.mint),
            "moves": "0",
            "order_hash": redemption.order_hash.hex(),
            "payout": self._money(payout),
            "redemption_id": burned.redemption_id.hex(),
            "remainder": self._money(redemption.remainder),
            "rules_hash": keccak256(subject.campaign.rule_document).hex(),
            "submitter": self._account(parties.fee_payer),
            "transaction": signature,
            "voucher": str(burned.voucher),
        }
        return await assemble_bundle(subject, claim, evidence, statement, self._attester)

    def _read(self, subject: ProofSubject, raw: bytes) -> tuple[RedemptionTransaction, BurnedVoucher]:
        signature = subject.redemption.tx_hash
        try:
            signatures, message = decode_transaction(raw)
            redemption = decode_redemption(message, self._chain)
        except (InvalidValue, RedemptionRefused) as error:
            raise ProofUnavailable(
                f"transaction {signature} cannot be read as a redemption: {error.message}", transaction=signature
            ) from error
        if encode_base58(signatures[0]) != signature:
            raise ProofUnavailable(f"the node answered another transaction than {signature}", transaction=signature)
        for item in redemption.vouchers:
            if item.redemption_id == subject.redemption.redemption_id:
                return redemption, item
        raise ProofUnavailable(
            f"transaction {signature} has no memo of redemption {subject.redemption.redemption_id.hex()}: "
            "compare the ledger with the chain",
            transaction=signature,
        )

    def _money(self, moved: MovedTokens | None) -> dict[str, Any] | None:
        if moved is None:
            return None
        asset = AssetId.fungible(self._chain, encode_base58(moved.mint))
        return {"asset": str(asset), "base_units": str(moved.base_units)}

    def _account(self, key: bytes) -> str:
        return str(AccountId.from_raw(self._chain, key))


def _payout_of(redemption: RedemptionTransaction, burned: BurnedVoucher) -> MovedTokens | None:
    """The payout of the voucher's campaign: a transaction holds at most one per campaign, in their order.

    Raises:
        ProofUnavailable: Some campaigns of the order paid and some did not, so that the bytes do not say which.
    """
    campaigns = list(dict.fromkeys(item.voucher.campaign for item in redemption.vouchers))
    if not redemption.payouts:
        return None
    if len(redemption.payouts) != len(campaigns):
        raise ProofUnavailable("the transaction does not tell which campaign paid", payouts=len(redemption.payouts))
    return redemption.payouts[campaigns.index(burned.voucher.campaign)]


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ProofUnavailable("the node's answer holds no transaction bytes") from error
