"""A redemption on an EVM chain: from the book's log up to a block hash that the reader trusts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from .abi import Words
from .crypto import checksum_address, keccak256, recover_address
from .envelope import FINALITIES, Envelope, Money, check_redemption
from .evm_block import MAX_HEADERS, Header, Log, SignedCall, read_headers, read_receipt, read_transaction
from .evm_state import MAX_TRIE_NODES, read_state, state_fact
from .fields import Fields
from .redeem_order import SubmittedOrder, read_orders
from .report import Fact, Rejected, require
from .trie import value_at

_REDEEMED = keccak256(b"VoucherRedeemed(uint256,bytes24,address,address,bytes32,bytes32,uint128,uint64,uint256)")
_REMAINDER = keccak256(b"RemainderPaid(bytes32,address,address,bytes32,address,uint256)")
_CREDITED = keccak256(b"PayoutCredited(bytes24,address,bytes32,uint256)")
_TRANSFER = keccak256(b"Transfer(address,address,uint256)")


class _Redeemed:
    """The decoded VoucherRedeemed log."""

    def __init__(self, log: Log) -> None:
        check = "voucher_redeemed"
        require(len(log.topics) == 4 and log.topics[0] == _REDEEMED, check, "the log is not VoucherRedeemed")
        require(len(log.data) == 6 * 32, check, "the log's data has not six words")
        words = Words(check, log.data)
        self.book, self.voucher = log.address, log.topics[1]
        self.campaign, self.holder = log.topics[2][:24], log.topics[3][12:]
        self.merchant, self.redemption_id, self.order_hash = words.address(0), words.word(1), words.word(2)
        self.amount_minor, self.moves, self.payout = words.number(3, 128), words.number(4, 64), words.number(5)


def verify_evm(envelope: Envelope, trusted_block_hash: str | None) -> list[Fact]:
    """Check every statement; without a trusted block hash the newest header is only attested."""
    names = ("headers", "log_index", "receipt_proof", "state", "transaction_index", "transaction_proof")
    evidence = Fields("evidence", envelope.evidence, names)
    headers = read_headers(evidence.data_list("headers", MAX_HEADERS))
    block, index = headers[0], evidence.index("transaction_index")
    calls, receipts = (evidence.data_list(name, MAX_TRIE_NODES) for name in ("transaction_proof", "receipt_proof"))
    transaction = read_transaction(value_at("transaction", block.transactions_root, index, calls))
    logs = read_receipt(value_at("receipt", block.receipts_root, index, receipts))
    place = evidence.index("log_index")
    require(place < len(logs), "voucher_redeemed", f"the receipt has no log {place}")
    redeemed = _Redeemed(logs[place])
    require(redeemed.voucher[:24] == redeemed.campaign, "voucher", "the voucher is not of the logged campaign")

    chain = f"eip155:{transaction.chain_number}"
    require(transaction.to == redeemed.book, "order", "the transaction does not call the book that logged")
    order = _order_of(redeemed, read_orders(transaction.calldata))
    require(block.time < order.valid_before, "order", "the order was no longer valid in this block")
    digest = order.digest(transaction.chain_number, redeemed.book)
    consents = _consents(order, transaction, digest, chain)
    state, seen = None, []
    if (proofs := evidence.value["state"]) is not None:
        state = read_state(proofs, headers[-1], redeemed.book, redeemed.voucher, redeemed.redemption_id)
        seen.append(state_fact(state))
    payout, credit = _payout(chain, order, redeemed, logs)
    book, holder, merchant = (_account(chain, raw) for raw in (redeemed.book, redeemed.holder, redeemed.merchant))
    shown = {
        "amount_minor": str(redeemed.amount_minor),
        "block_hash": "0x" + block.hash.hex(),
        "block_time": block.time,
        "book": book,
        "chain": chain,
        "credit": credit,
        "height": block.number,
        "holder": holder,
        "merchant": merchant,
        "moves": str(redeemed.moves),
        "payout": payout,
        "remainder": _remainder(chain, order, redeemed, digest, logs),
        "state": state,
        "submitter": _account(chain, transaction.sender),
        "transaction": "0x" + transaction.hash.hex(),
    }
    common = check_redemption(
        envelope, shown, redeemed.voucher, redeemed.order_hash, said_id=redeemed.redemption_id, paid="proven"
    )
    logged = f"the book {book} logged that voucher {redeemed.voucher.hex()} of {holder} was redeemed at {merchant}"
    return [
        *_head_facts(envelope, chain, headers, trusted_block_hash),
        Fact("transaction", "proven", f"transaction 0x{transaction.hash.hex()} is number {index} of the block"),
        Fact("receipt", "proven", "the chain carried the transaction out: its receipt says success"),
        Fact("voucher_redeemed", "proven", logged),
        *seen,
        *consents,
        *common,
    ]


def _order_of(redeemed: _Redeemed, orders: Sequence[SubmittedOrder]) -> SubmittedOrder:
    """The order of the call that the log is about; of equal ones, which a batch may hold, any says the same."""
    logged = (redeemed.holder, redeemed.merchant, redeemed.order_hash)
    item = (redeemed.voucher, redeemed.amount_minor, redeemed.moves)
    for order in orders:
        if (order.holder, order.merchant, order.order_hash) == logged and item in order.items:
            return order
    raise Rejected("order", "no order of the call names these parties, this order hash, voucher, amount and moves")


def _consents(order: SubmittedOrder, transaction: SignedCall, digest: bytes, chain: str) -> list[Fact]:
    """Who signed the order and who the transaction: together both parties."""
    check, other, signer, caller = "holder_consent", "merchant_consent", order.holder, order.merchant
    if not order.signed_by_holder:
        check, other, signer, caller = other, check, caller, signer
        require(transaction.sender == caller, other, "the sender is not the holder")
    signature = order.signature
    require(len(signature) == 65, check, "not a signature of 65 bytes: contract accounts are not proven here")
    r, s, v = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:64], signature[64:]))
    require(recover_address(check, digest, r, s, v - 27) == signer, check, "the order was signed by somebody else")
    sent = f"{_account(chain, transaction.sender)} signed the transaction"
    if transaction.sender != caller:
        sent += f"; the book takes it only from a relayer that {checksum_address(caller)} set"
    signed = f"{_account(chain, signer)} signed the order (EIP-712 digest {digest.hex()})"
    return [Fact(check, "proven", signed), Fact(other, "proven", sent)]


def _payout(chain: str, order: SubmittedOrder, redeemed: _Redeemed, logs: Sequence[Log]) -> tuple[Money, str | None]:
    """What the escrow paid for this voucher, or what it credited, in base units.

    The book pays a merchant's vouchers in their order, one transfer for each run that settles in the same asset; since
    every part is above zero, there is one way only to split the transfers. What it credits is in none of them.
    """
    if redeemed.payout == 0:
        return None, None
    by_book = [log for log in logs if log.address == redeemed.book]
    credited = {log.data[:32] for log in by_book if log.topics[:1] == (_CREDITED,)}
    events = [_Redeemed(log) for log in by_book if log.topics[:1] == (_REDEEMED,)]
    ours = [event for event in events if event.payout and event.merchant == redeemed.merchant]
    owed = [event for event in ours if event.redemption_id not in credited]
    moves = [(log.address, _transfer(log, redeemed.book, redeemed.merchant)) for log in logs]
    if order.authorized and (rest := (order.remainder_asset, order.remainder_amount)) in moves:
        # The remainder comes through the book as well, after all payouts.
        del moves[len(moves) - 1 - moves[::-1].index(rest)]
    if redeemed.redemption_id in credited or not any(moved for _, moved in moves):
        return None, str(redeemed.payout)
    for asset, moved in moves:
        paid = []
        while moved and owed and owed[0].payout <= moved:
            moved -= owed[0].payout
            paid.append(owed.pop(0).redemption_id)
        require(moved == 0, "payout", "the transfers from the book are not what the order's vouchers pay out")
        if redeemed.redemption_id in paid:
            return {"asset": _asset(chain, asset), "base_units": str(redeemed.payout)}, None
    raise Rejected("payout", f"no transfer of {redeemed.payout} base units from the book in the receipt")


def _remainder(chain: str, order: SubmittedOrder, redeemed: _Redeemed, digest: bytes, logs: Sequence[Log]) -> Money:
    asset, amount = order.remainder_asset, order.remainder_amount
    if amount == 0:
        return None
    topics = (_REMAINDER, redeemed.order_hash, _padded(redeemed.holder), _padded(redeemed.merchant))
    logged = Log(redeemed.book, topics, digest + _padded(asset) + amount.to_bytes(32, "big")) in logs
    require(logged, "remainder", "the book did not log the order's remainder as paid")
    # An ERC-3009 authorisation pays the book, which hands exactly that on.
    way = [redeemed.holder, *([redeemed.book] if order.authorized else []), redeemed.merchant]
    for sender, recipient in itertools.pairwise(way):
        moved = any(log.address == asset and _transfer(log, sender, recipient) == amount for log in logs)
        require(moved, "remainder", "no transfer of the order's remainder in the receipt")
    return {"asset": _asset(chain, asset), "base_units": str(amount)}


def _transfer(log: Log, sender: bytes, recipient: bytes) -> int:
    """Base units that an ERC-20 Transfer log moves between the two accounts, 0 when it is another log."""
    matches = log.topics == (_TRANSFER, _padded(sender), _padded(recipient)) and len(log.data) == 32
    return int.from_bytes(log.data, "big") if matches else 0


def _head_facts(
    envelope: Envelope, chain: str, headers: Sequence[Header], trusted_block_hash: str | None
) -> list[Fact]:
    block, head, check = headers[0], headers[-1], "attestation"
    names = ("block_hash", "chain", "finality", "height", "kind")
    statement = Fields("attestation.statement", envelope.statement, names)
    require(statement.text("kind") == "evm_head", check, "it is about something else than a head")
    require(statement.text("finality") in FINALITIES, check, "it names no finality that a proof may rest on")
    about = (statement.text("chain"), statement.index("height"), statement.text("block_hash"))
    require(about == (chain, head.number, "0x" + head.hash.hex()), check, "it is about another block")
    final = f"block {head.number} 0x{head.hash.hex()} was {statement.text('finality')}"
    anchor, above = f"block {head.number}", head.number
    if trusted_block_hash is not None:
        known = [header.number for header in headers if "0x" + header.hash.hex() == trusted_block_hash]
        require(bool(known), "block", f"no header of the bundle has the hash that you trust, {trusted_block_hash}")
        anchor, above = f"block {known[0]}, which you trust", known[0]
    chained = f"block {block.number} 0x{block.hash.hex()} of {chain} is {above - block.number} headers below {anchor}"
    return [Fact("block", "proven", chained), Fact("finality", envelope.basis, final)]


def _account(chain: str, address: bytes) -> str:
    return f"{chain}:{checksum_address(address)}"


def _asset(chain: str, token: bytes) -> str:
    return f"{chain}/erc20:{checksum_address(token)}"


def _padded(address: bytes) -> bytes:
    return address.rjust(32, b"\0")
