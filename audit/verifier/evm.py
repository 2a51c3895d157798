"""A redemption on an EVM chain: from the book's log up to a block hash that the reader trusts."""

from __future__ import annotations

from collections.abc import Sequence

from .abi import Words
from .crypto import checksum_address, keccak256, recover_address
from .envelope import FINALITIES, Envelope
from .evm_block import MAX_HEADERS, Header, Log, SignedCall, read_headers, read_receipt, read_transaction
from .fields import Fields
from .redeem_order import OrderItem, SubmittedOrder, read_order
from .redemption import Money, Redemption, check_redemption
from .report import Fact, Rejected, require
from .trie import value_at

MAX_TRIE_NODES = 16

_REDEEMED = keccak256(b"VoucherRedeemed(uint256,bytes24,address,address,bytes32,bytes32,uint128,uint64,uint256)")
_REMAINDER = keccak256(b"RemainderPaid(bytes32,address,address,bytes32,address,uint256)")
_TRANSFER = keccak256(b"Transfer(address,address,uint256)")


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
    calls, receipts = (evidence.data_list(name, MAX_TRIE_NODES) for name in ("transaction_proof", "receipt_proof"))
    transaction = read_transaction(value_at("transaction", block.transactions_root, index, calls))
    logs = read_receipt(value_at("receipt", block.receipts_root, index, receipts))
    place = evidence.index("log_index")
    require(place < len(logs), "voucher_redeemed", f"the receipt has no log {place}")
    redeemed = _Redeemed(logs[place])

    chain = f"eip155:{transaction.chain_number}"
    require(transaction.to == redeemed.book, "order", "the transaction does not call the book that logged")
    order = read_order(transaction.calldata)
    _check_order(order, redeemed, transaction, block)
    digest = order.digest(transaction.chain_number, redeemed.book)
    consents = _consents(order, transaction, digest, chain)
    require(redeemed.voucher[:24] == redeemed.campaign, "voucher", "the voucher is not of the logged campaign")
    shown = Redemption(
        chain=chain,
        voucher=redeemed.voucher,
        redemption_id=redeemed.redemption_id,
        order_hash=redeemed.order_hash,
        holder=f"{chain}:{checksum_address(redeemed.holder)}",
        merchant=f"{chain}:{checksum_address(redeemed.merchant)}",
        amount_minor=redeemed.amount_minor,
        moves=redeemed.moves,
        payout=_payout(chain, redeemed, logs),
        remainder=_remainder(chain, order, redeemed, digest, logs),
        paid="proven",
    )
    of_family = {
        "block_hash": "0x" + block.hash.hex(),
        "block_time": block.time,
        "book": f"{chain}:{checksum_address(redeemed.book)}",
        "height": block.number,
        "submitter": f"{chain}:{checksum_address(transaction.sender)}",
        "transaction": "0x" + transaction.hash.hex(),
    }
    common = check_redemption(envelope, shown, of_family)
    logged = f"the book {of_family['book']} logged that voucher {redeemed.voucher.hex()} of {shown.holder}"
    return [
        *_head_facts(envelope, chain, headers, trusted_block_hash),
        Fact("transaction", "proven", f"transaction 0x{transaction.hash.hex()} is number {index} of the block"),
        Fact("receipt", "proven", "the chain carried the transaction out: its receipt says success"),
        Fact("voucher_redeemed", "proven", f"{logged} was redeemed at {shown.merchant}"),
        *consents,
        *common,
    ]


def _check_order(order: SubmittedOrder, redeemed: _Redeemed, transaction: SignedCall, block: Header) -> None:
    logged = (redeemed.holder, redeemed.merchant, redeemed.order_hash)
    same = (order.holder, order.merchant, order.order_hash) == logged
    require(same, "order", "the order names other parties or another order hash than the log")
    item = OrderItem(redeemed.voucher, redeemed.amount_minor, redeemed.moves)
    require(item in order.items, "order", "the order does not name this voucher with this amount and these moves")
    require(block.time < order.valid_before, "order", "the order was no longer valid in this block")


def _consents(order: SubmittedOrder, transaction: SignedCall, digest: bytes, chain: str) -> list[Fact]:
    """Who signed the order and who the transaction: together both parties."""
    check, other, signer, caller = "holder_consent", "merchant_consent", order.holder, order.merchant
    if not order.signed_by_holder:
        check, other, signer, caller = other, check, caller, signer
        require(transaction.sender == caller, other, "the sender is not the holder")
    signature = order.signature
    require(len(signature) == 65, check, "not a signature of 65 bytes: contract accounts are not proven in version 1")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    recovered = recover_address(check, digest, r, s, signature[64] - 27)
    require(recovered == signer, check, f"the order was signed by {checksum_address(recovered)}")
    sent = f"{chain}:{checksum_address(transaction.sender)} signed the transaction"
    if transaction.sender != caller:
        sent += f"; the book takes it only from a relayer that {checksum_address(caller)} set"
    signed = f"{chain}:{checksum_address(signer)} signed the order (EIP-712 digest {digest.hex()})"
    return [Fact(check, "proven", signed), Fact(other, "proven", sent)]


def _payout(chain: str, redeemed: _Redeemed, logs: Sequence[Log]) -> Money:
    """What the escrow paid for this voucher.

    The book pays the vouchers of an order in their order, one transfer for each run that settles in the same asset;
    since every part is above zero, there is one way only to split the transfers.
    """
    if redeemed.payout == 0:
        return None
    events = [_Redeemed(log) for log in logs if log.address == redeemed.book and log.topics[:1] == (_REDEEMED,)]
    owed = [event for event in events if event.payout]
    for log in logs:
        moved = _transfer(log, redeemed.book, redeemed.merchant)
        paid = []
        while moved and owed and owed[0].payout <= moved:
            moved -= owed[0].payout
            paid.append(owed.pop(0).voucher)
        require(moved == 0, "payout", "the transfers from the book are not what the order's vouchers pay out")
        if redeemed.voucher in paid:
            return {"asset": _asset(chain, log.address), "base_units": str(redeemed.payout)}
    raise Rejected("payout", f"no transfer of {redeemed.payout} base units from the book in the receipt")


def _remainder(chain: str, order: SubmittedOrder, redeemed: _Redeemed, digest: bytes, logs: Sequence[Log]) -> Money:
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
    block, head, check = headers[0], headers[-1], "attestation"
    names = ("block_hash", "chain", "finality", "height", "kind")
    statement = Fields("attestation.statement", envelope.attestation.statement, names)
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
    place = f"block {block.number} 0x{block.hash.hex()} of {chain}"
    chained = f"{place} is {above - block.number} headers below {anchor}"
    return [Fact("block", "proven", chained), Fact("finality", envelope.attestation.basis, final)]


def _asset(chain: str, token: bytes) -> str:
    return f"{chain}/erc20:{checksum_address(token)}"


def _padded(address: bytes) -> bytes:
    return address.rjust(32, b"\0")
