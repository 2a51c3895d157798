"""A real redemption on a real Anvil, made with the codec alone: book, money, campaign, voucher, order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from coincurve import PrivateKey

from audit.proofs.ports import CampaignCommitment, ProofSubject, RedemptionRef
from codec.canonical_json import encode_canonical
from codec.evm.book.calls import (
    create_campaign_call,
    fund_call,
    issue_call,
    redeem_call,
    redeem_signed_call,
    set_relayer_call,
)
from codec.evm.book.events import VoucherRedeemed, decode_event
from codec.evm.book.structs import CampaignTerms
from codec.evm.book.types import Powers, Settlement, TransferPolicy, VoucherKind
from codec.evm.campaign_id import derive_campaign_id
from codec.evm.create2 import DEPLOYER, TEST_MONEY, book_address, book_deployment, money_address, money_deployment
from codec.evm.erc20 import erc20_abi
from codec.evm.redeem_order import RedeemItem, RedeemOrder, digest
from codec.evm.transaction import (
    FeeMarketTransaction,
    address_of_public_key,
    encode_signed,
    encode_unsigned,
    signing_hash,
    transaction_hash,
)
from primitives.chain_id import ChainId
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from tests.fakes.anvil import Anvil

CHAIN = ChainId("eip155:31337")
BOOK = book_address()
RULES = encode_canonical({"schema": "quanbao.rules.v1", "title": "满100减20", "kind": "threshold", "amount_off": 2000})
SALT = keccak256(b"salt")
VALID_FROM, VALID_UNTIL = 1_700_000_000, 2_000_000_000


class Party:
    """One test account; its key is derived from its name."""

    def __init__(self, name: str) -> None:
        self.key = PrivateKey(keccak256(name.encode()))
        self.address = address_of_public_key(self.key.public_key.format())
        self.nonce = 0

    def sign(self, message_hash: bytes) -> bytes:
        return self.key.sign_recoverable(message_hash, hasher=None)


@dataclass
class EvmStage:
    """The chain with everybody on it; `campaign_id` is launched and funded by `open`.

    Attributes:
        launch: The issuer's calls (contract, calldata) that launch the campaign of `rules`, if they are not our own.
    """

    anvil: Anvil
    issuer: Party = field(default_factory=lambda: Party("issuer"))
    merchant: Party = field(default_factory=lambda: Party("merchant"))
    relayer: Party = field(default_factory=lambda: Party("relayer"))
    holder: Party = field(default_factory=lambda: Party("holder"))
    stranger: Party = field(default_factory=lambda: Party("stranger"))
    money: bytes = b""
    issued: int = 0
    rules: bytes = RULES
    kind: VoucherKind = VoucherKind.ONE_SHOT
    cap: int = 10
    launch: Callable[[], Awaitable[Sequence[tuple[bytes, bytes]]]] | None = None

    @property
    def campaign_id(self) -> CampaignId:
        return derive_campaign_id(keccak256(self.rules), self.issuer.address, bytes(32), SALT)

    @property
    def commitment(self) -> CampaignCommitment:
        return CampaignCommitment(self.rules, self.issuer.address, bytes(32), SALT)

    async def call(self, method: str, *params: Any) -> Any:
        return await self.anvil.rpc.call(method, *params)

    async def send(self, party: Party, to: bytes, data: bytes, *, value: int = 0) -> str:
        """Put one transaction into the pool; its hash."""
        transaction = FeeMarketTransaction(
            chain_id=31337,
            nonce=party.nonce,
            max_priority_fee_per_gas=10**9,
            max_fee_per_gas=10**11,
            gas_limit=12_000_000,
            to=to,
            value=value,
            data=data,
            access_list=(),
        )
        party.nonce += 1
        raw = encode_signed(transaction, party.sign(signing_hash(encode_unsigned(transaction))))
        await self.call("eth_sendRawTransaction", "0x" + raw.hex())
        return "0x" + transaction_hash(raw).hex()

    async def done(self, *hashes: str) -> list[dict[str, Any]]:
        """Mine one block and require success of all."""
        await self.anvil.mine()
        receipts = [await self.call("eth_getTransactionReceipt", item) for item in hashes]
        assert all(receipt is not None and receipt["status"] == "0x1" for receipt in receipts), receipts
        return receipts

    async def open(self) -> None:
        for party in (self.issuer, self.merchant, self.relayer, self.holder, self.stranger):
            await self.anvil.fund("0x" + party.address.hex(), 10**20)
        name, symbol = TEST_MONEY[0]
        self.money = money_address(name, symbol, self.issuer.address)
        await self.done(
            await self.send(self.issuer, DEPLOYER, book_deployment()),
            await self.send(self.issuer, DEPLOYER, money_deployment(name, symbol, self.issuer.address)),
        )
        terms = CampaignTerms(
            rules_hash=keccak256(self.rules),
            evm_issuer=self.issuer.address,
            solana_issuer=bytes(32),
            salt=SALT,
            funder=self.issuer.address,
            settlement_asset=self.money,
            lane=0,
            cap=self.cap,
            max_payout=20_000_000,
            units_per_minor=10_000,
            sponsor_bp=10_000,
            valid_from=VALID_FROM,
            valid_until=VALID_UNTIL,
            claim_until=0,
            refund_window=0,
            max_pause_seconds=0,
            powers=Powers.NONE,
            transfer_policy=TransferPolicy.BOUND,
            kind=self.kind,
            settlement=Settlement.IMMEDIATE,
            ticket_signer=bytes(20),
            claims_per_holder=0,
            metadata_uri="",
        )
        erc20 = erc20_abi()
        await self.done(
            await self.send(self.issuer, self.money, _money_call("mint", self.issuer.address, 10**10)),
            await self.send(self.issuer, self.money, _money_call("mint", self.holder.address, 10**9)),
            await self.send(self.issuer, self.money, erc20.encode_call("approve", BOOK, 2**255)),
            await self.send(self.holder, self.money, erc20.encode_call("approve", BOOK, 2**255)),
            await self.send(self.merchant, BOOK, set_relayer_call(self.relayer.address, 2**39)),
        )
        launch = [
            create_campaign_call(terms, [self.merchant.address]),
            fund_call(self.campaign_id, 20_000_000 * self.cap),
        ]
        calls = [(BOOK, data) for data in launch] if self.launch is None else await self.launch()
        await self.done(*[await self.send(self.issuer, to, data) for to, data in calls])

    async def issue(self) -> VoucherId:
        await self.done(
            await self.send(self.issuer, BOOK, issue_call(self.campaign_id, self.issued + 1, [self.holder.address]))
        )
        self.issued += 1
        return VoucherId(self.campaign_id, Serial(0, SerialClass.SINGLE, self.issued))

    def order(self, *vouchers: VoucherId, order_hash: bytes, remainder: int = 80_000_000) -> RedeemOrder:
        """100.00 less 20.00 per voucher."""
        return RedeemOrder(
            holder=self.holder.address,
            merchant=self.merchant.address,
            order_hash=order_hash,
            valid_before=2**40,
            remainder_asset=self.money,
            remainder_amount=remainder,
            items=tuple(RedeemItem(voucher, 2000, 0) for voucher in vouchers),
        )

    async def redeem(self, order: RedeemOrder, *, by: Party | None = None, neighbours: int = 0) -> dict[str, Any]:
        """Send the redemption (by the relayer unless told) between other transactions of one block; its receipt."""
        order_digest = digest(order, 31337, BOOK)
        sender = by or self.relayer
        if sender is self.holder:
            calldata = redeem_call(order, self.merchant.sign(order_digest))
        else:
            calldata = redeem_signed_call(order, self.holder.sign(order_digest))
        for place in range(neighbours):
            # Every other one is refused by the book, so that the block also holds reverted receipts.
            await self.send(self.stranger, BOOK if place % 2 else self.merchant.address, b"", value=1 - place % 2)
        sent = await self.send(sender, BOOK, calldata)
        return (await self.done(sent))[0]

    def subject(self, receipt: dict[str, Any], *, order_document: bytes | None = None, item: int = 0) -> ProofSubject:
        """What the ledger would say of the receipt's redemption number `item`."""
        events = [
            decode_event([_raw(topic) for topic in log["topics"]], _raw(log["data"]))
            for log in receipt["logs"]
            if log["address"] == "0x" + BOOK.hex()
        ]
        redeemed = [event for event in events if isinstance(event, VoucherRedeemed)][item]
        return ProofSubject(
            redemption=RedemptionRef(
                redemption_id=redeemed.redemption_id,
                voucher=redeemed.voucher,
                chain=CHAIN,
                tx_hash=receipt["transactionHash"],
                height=int(receipt["blockNumber"], 16),
                order_hash=redeemed.order_hash,
            ),
            campaign_id=self.campaign_id,
            campaign=self.commitment,
            order_document=order_document,
        )


def _money_call(function: str, *arguments: Any) -> bytes:
    from codec.evm.abi import Abi

    return Abi.of_artifact("TestMoney").encode_call(function, *arguments)


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])
