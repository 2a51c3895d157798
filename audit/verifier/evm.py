"""A redemption on an EVM chain: from the book's log up to a block hash that the reader trusts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .abi import Words
from .crypto import checksum_address, keccak256, recover_address
from .envelope import FINALITIES, Envelope, campaign_facts, check_claim, redemption_id
from .evm_block import MAX_HEADERS, Header, Log, SignedCall, read_headers, read_receipt, read_transaction
from .fields import Fields
from .redeem_order import OrderItem, SubmittedOrder, read_order
from .rejected import Rejected, require
from .report import Fact
from .trie import value_at

MAX_TRIE_NODES = 16

_REDEEMED = keccak256(b"VoucherRedeemed(uint256,bytes24,address,address,bytes32,bytes32,uint128,uint64,uint256)")
_REMAINDER = keccak256(b"RemainderPaid(bytes32,address,address,bytes32,address,uint256)")
_TRANSFER = keccak256(b"Transfer(address,address,uint256)")
_HASH = re.compile(r"0x[0-9a-f]{64}")


class _Redeemed:
    """The decoded VoucherRedeemed log."""

    def __init__(self, log: Log) -> None:
        check = "voucher_redeemed"
        require(len(log.topics) == 4 and log.topics[0] == _REDEEMED, check, "the log is not VoucherRedeemed")
        require(len(log.data) == 6 * 32, check, "the log's data has not six words")
        words = Words(check, log.data)
        self.book = log.address
        self.voucher = log.topics[1]
        self.campaign = log.topics[2][:24]
        self.holder = log.topics[3][12:]
        self.merchant = words.address(0)
        self.redemption_id = words.word(1)
        self.order_hash = words.word(2)
        self.amount_minor = words.number(3, 128)
        self.moves = words.number(4, 64)
        self.payout = words.number(5)


def verify_evm(envelope: Envelope, trusted_block_hash: str | None) -> list[Fact]:
    """Check every statement of the bundle.

    Args:
        trusted_block_hash: `0x` and 64 lower-case hex digits of a block at or above the redemption's, or None: then
            the newest header is only attested.

    Raises:
        Rejected: At the first statement that does not hold.
    """
    names = ("headers", "log_index", "receipt_proof", "transaction_index", "transaction_proof")
    evidence = Fields("evidence", envelope.evidence, names)
    headers = read_headers(evidence.data_list("headers", MAX_HEADERS))
    block, index = headers[0], evidence.index("transaction_index")
    raw = value_at(
        "transaction", block.transactions_root, index, evidence.data_list("transaction_proof", MAX_TRIE_NODES)
    )
    transaction = read_transaction(raw)
    receipt = value_at("receipt", block.receipts_root, index, evidence.data_list("receipt_proof", MAX_TRIE_NODES))
    logs = read_receipt(receipt)
    place = evidence.index("log_index")
    require(place < len(logs), "voucher_redeemed", f"the receipt has no log {place}")
    redeemed = _Redeemed(logs[place])

    chain = f"eip155:{transaction.chain_number}"
    require(transaction.to == redeemed.book, "order", "the transaction does not call the book that logged")
    order = read_order(transaction.calldata)
    _check_order(order, redeemed, transaction, block)
    digest = order.digest(transaction.chain_number, redeemed.book)
    _check_consent(order, transaction, digest)
    holder = f"{chain}:{checksum_address(redeemed.holder)}"
    merchant = f"{chain}:{checksum_address(redeemed.merchant)}"
    expected_id = redemption_id(
        redeemed.voucher, holder, merchant, redeemed.order_hash, redeemed.amount_minor, redeemed.moves
    )
    require(expected_id == redeemed.redemption_id, "redemption_id", "it is not the hash of the redemption's facts")
    require(redeemed.voucher[:24] == redeemed.campaign, "voucher", "the voucher is not of the logged campaign")
    require(envelope.campaign.id == redeemed.campaign, "rule_document", "the campaign commits to another document")

    payout = _payout(envelope.claim, chain, redeemed, logs)
    remainder = _remainder(chain, order, redeemed, digest, logs)
    check_claim(
        envelope.claim,
        {
            "amount_minor": str(redeemed.amount_minor),
            "block_hash": "0x" + block.hash.hex(),
            "block_time": block.time,
            "book": f"{chain}:{checksum_address(redeemed.book)}",
            "campaign": redeemed.campaign.hex(),
            "chain": chain,
            "height": block.number,
            "holder": holder,
            "merchant": merchant,
            "moves": str(redeemed.moves),
            "order_hash": redeemed.order_hash.hex(),
            "payout": payout,
            "redemption_id": redeemed.redemption_id.hex(),
            "remainder": remainder,
            "rules_hash": envelope.campaign.rules_hash.hex(),
            "submitter": f"{chain}:{checksum_address(transaction.sender)}",
            "transaction": "0x" + transaction.hash.hex(),
            "voucher": redeemed.voucher.hex(),
        },
    )
    return [
        *_head_facts(envelope, chain, headers, trusted_block_hash),
        Fact("transaction", "proven", f"transaction 0x{transaction.hash.hex()} is number {index} of the block"),
        Fact("receipt", "proven", "the chain carried the transaction out: its receipt says success"),
        Fact(
            "voucher_redeemed",
            "proven",
            f"the book {checksum_address(redeemed.book)} logged that voucher {redeemed.voucher.hex()} of {holder} "
            f"was redeemed at {merchant} for {redeemed.amount_minor} minor units",
        ),
        Fact("redemption_id", "proven", f"{redeemed.redemption_id.hex()} is the hash of the redemption's facts"),
        *_consent_facts(order, transaction, holder, merchant, digest),
        *_money_facts(payout, remainder, merchant),
        *campaign_facts(envelope.campaign, redeemed.order_hash, envelope.order_hash),
    ]


def _check_order(order: SubmittedOrder, redeemed: _Redeemed, transaction: SignedCall, block: Header) -> None:
    same = (order.holder, order.merchant, order.order_hash) == (
        redeemed.holder,
        redeemed.merchant,
        redeemed.order_hash,
    )
    require(same, "order", "the order names other parties or another order hash than the log")
    item = OrderItem(redeemed.voucher, redeemed.amount_minor, redeemed.moves)
    require(item in order.items, "order", "the order does not name this voucher with this amount and these moves")
    require(block.time < order.valid_before, "order", "the order was no longer valid in this block")


def _check_consent(order: SubmittedOrder, transaction: SignedCall, digest: bytes) -> None:
    check = "holder_consent" if order.signed_by_holder else "merchant_consent"
    signer = order.holder if order.signed_by_holder else order.merchant
    signature = order.signature
    require(len(signature) == 65, check, "not a signature of 65 bytes: contract accounts are not proven in version 1")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    require(signature[64] in (27, 28), check, "the signature's v is neither 27 nor 28")
    recovered = recover_address(check, digest, r, s, signature[64] - 27)
    require(recovered == signer, check, f"the order was signed by {checksum_address(recovered)}")
    if not order.signed_by_holder:
        require(transaction.sender == order.holder, "holder_consent", "the sender is not the holder")


def _payout(claim: dict[str, Any], chain: str, redeemed: _Redeemed, logs: Sequence[Log]) -> dict[str, str] | None:
    """The claimed payout, once a transfer from the book to the merchant covers it."""
    claimed = claim.get("payout")
    if redeemed.payout == 0:
        return None
    asset = Fields("claim.payout", claimed, ("asset", "base_units")).text("asset")
    for log in logs:
        moved = _transfer(log, redeemed.book, redeemed.merchant)
        # One transfer pays all vouchers of an order that settle in the same asset.
        if moved >= redeemed.payout and asset == _asset(chain, log.address):
            return {"asset": asset, "base_units": str(redeemed.payout)}
    raise Rejected("payout", f"no transfer of {redeemed.payout} {asset} from the book to the merchant in the receipt")


def _remainder(
    chain: str, order: SubmittedOrder, redeemed: _Redeemed, digest: bytes, logs: Sequence[Log]
) -> dict[str, str] | None:
    if order.remainder_amount == 0:
        return None
    topics = (_REMAINDER, redeemed.order_hash, _padded(redeemed.holder), _padded(redeemed.merchant))
    data = digest + _padded(order.remainder_asset) + order.remainder_amount.to_bytes(32, "big")
    logged = any(log == Log(redeemed.book, topics, data) for log in logs)
    require(logged, "remainder", "the book did not log the order's remainder as paid")
    moved = any(
        log.address == order.remainder_asset
        and _transfer(log, redeemed.holder, redeemed.merchant) == order.remainder_amount
        for log in logs
    )
    require(moved, "remainder", "no transfer of the order's remainder in the receipt")
    return {"asset": _asset(chain, order.remainder_asset), "base_units": str(order.remainder_amount)}


def _transfer(log: Log, sender: bytes, recipient: bytes) -> int:
    """Base units that an ERC-20 Transfer log moves between the two accounts, 0 when it is another log."""
    matches = log.topics == (_TRANSFER, _padded(sender), _padded(recipient)) and len(log.data) == 32
    return int.from_bytes(log.data, "big") if matches else 0


def _head_facts(
    envelope: Envelope, chain: str, headers: Sequence[Header], trusted_block_hash: str | None
) -> list[Fact]:
    block, head = headers[0], headers[-1]
    attestation = envelope.attestation
    statement = Fields(
        "attestation.statement", attestation.statement, ("block_hash", "chain", "finality", "height", "kind")
    )
    require(statement.text("kind") == "evm_head", "attestation", "it is about something else than a head")
    require(statement.text("finality") in FINALITIES, "attestation", "it names no finality that a proof may rest on")
    about = (statement.text("chain"), statement.index("height"), statement.text("block_hash"))
    require(about == (chain, head.number, "0x" + head.hash.hex()), "attestation", "it is about another block")
    position = f"block {block.number} 0x{block.hash.hex()} of {chain}"
    finality = Fact(
        "finality", attestation.basis, f"block {head.number} 0x{head.hash.hex()} was {statement.text('finality')}"
    )
    if trusted_block_hash is None:
        chained = f"{position} is {head.number - block.number} blocks below block {head.number} by its header hashes"
        return [Fact("block", "proven", chained), finality]
    require(bool(_HASH.fullmatch(trusted_block_hash)), "block", "the trusted block hash is not 0x and 64 hex digits")
    for header in headers:
        if "0x" + header.hash.hex() == trusted_block_hash:
            below = f"{header.number - block.number} blocks below the block that you trust, {header.number}"
            return [Fact("block", "proven", f"{position} is {below}, by its header hashes"), finality]
    raise Rejected("block", f"no header of the bundle has the hash that you trust, {trusted_block_hash}")


def _consent_facts(
    order: SubmittedOrder, transaction: SignedCall, holder: str, merchant: str, digest: bytes
) -> list[Fact]:
    signed = f"signed the order (EIP-712 digest {digest.hex()})"
    sent = "signed the transaction"
    if not order.signed_by_holder:
        return [
            Fact("holder_consent", "proven", f"{holder} {sent}"),
            Fact("merchant_consent", "proven", f"{merchant} {signed}"),
        ]
    if transaction.sender == order.merchant:
        consent = f"{merchant} {sent}"
    else:
        relayer = checksum_address(transaction.sender)
        consent = f"{relayer} {sent}; the book takes it only from the merchant or a relayer that {merchant} set"
    return [Fact("holder_consent", "proven", f"{holder} {signed}"), Fact("merchant_consent", "proven", consent)]


def _money_facts(payout: dict[str, str] | None, remainder: dict[str, str] | None, merchant: str) -> list[Fact]:
    facts = []
    if payout is not None:
        statement = f"the escrow paid {payout['base_units']} base units of {payout['asset']} to {merchant}"
        facts.append(Fact("payout", "proven", statement))
    if remainder is not None:
        statement = f"the holder paid {remainder['base_units']} base units of {remainder['asset']} to {merchant}"
        facts.append(Fact("remainder", "proven", statement))
    return facts


def _asset(chain: str, token: bytes) -> str:
    return f"{chain}/erc20:{checksum_address(token)}"


def _padded(address: bytes) -> bytes:
    return address.rjust(32, b"\0")
