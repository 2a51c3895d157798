"""A chain of blocks in memory with a voucher book on it, and payments that land when a test says so."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from chains import events as facts
from chains.campaign import CampaignTerms, Redemption, VoucherState
from chains.events import EventPage, TokenEvent
from chains.intent import ContractCall, Intent
from chains.ports import ConsentRequest, Heads, Preview, Speed
from codec.evm.redemption_id import redemption_id
from persistence.database import Database, Transaction
from persistence.jobs import enqueue
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset
from primitives.chain_id import ChainId
from primitives.contract_errors import NotNextNumber
from primitives.errors import (
    IdempotencyConflict,
    NodeUnavailable,
    NotVoucherHolder,
    QuanbaoError,
    TransactionReverted,
    UnknownChain,
)
from primitives.hashing import keccak256
from primitives.position import ChainPosition, Finality
from primitives.signing import Curve, KeyId, KeyPurpose, PublicKey, Signature, Signer, SigningRequest, SigningScheme
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from tests.fakes.vouchers import EVM, TEST_CNY, TEST_CNY_ON_SOLANA, VALID_FROM
from vouchers.ports import PaymentOrder, PaymentState, PaymentView

BOOK = AccountId.from_raw(EVM, bytes(19) + b"\xbb")
NATIVE = Asset(TEST_CNY.id, "ETH", 18)


@dataclass
class Block:
    hash: bytes
    time: int
    events: list[tuple[str, facts.Fact]] = field(default_factory=list)


@dataclass
class State:
    """What the blocks add up to; rebuilt after a reorganisation."""

    created: set[CampaignId] = field(default_factory=set)
    funded: dict[CampaignId, int] = field(default_factory=dict)
    next_number: dict[CampaignId, int] = field(default_factory=dict)
    vouchers: dict[VoucherId, VoucherState] = field(default_factory=dict)
    relayers: set[tuple[str, str]] = field(default_factory=set)


class FakeChain:
    """Conforms to `chains.ports.ChainAdapter` and `VoucherBook` as far as vouchers use them."""

    def __init__(self, chain: ChainId = EVM, *, lag: int = 2) -> None:
        self.chain_id = chain
        self.blocks: list[Block] = [Block(keccak256(b"genesis"), VALID_FROM + 10)]
        self.state = State()
        self.lag = lag
        self.terms: dict[CampaignId, CampaignTerms] = {}
        self.balances: dict[AccountId, int] = {}
        self.money = TEST_CNY if chain == EVM else TEST_CNY_ON_SOLANA
        self.down = False
        self.launch_readings = 0
        self.fits = 2

    # ----------------------------------------------------------------------------------------------------- adapter

    def _answer(self) -> None:
        if self.down:
            raise NodeUnavailable("the node is down")

    async def heads(self) -> Heads:
        self._answer()
        head = len(self.blocks) - 1
        return Heads(head, max(0, head - 1), max(0, head - self.lag))

    async def block_hash(self, height: int) -> bytes | None:
        self._answer()
        return self.blocks[height].hash if 0 <= height < len(self.blocks) else None

    async def block_time(self) -> int:
        self._answer()
        return self.blocks[-1].time

    async def balance(self, account: AccountId, asset: Asset, *, at: Finality = Finality.INCLUDED) -> Amount:
        return Amount(self.balances.get(account, 0), asset)

    async def preview(self, intent: Intent, *, speed: Speed = Speed.NORMAL) -> Preview:
        self._answer()
        self.check(intent)
        return Preview(Amount(1, NATIVE), 1)

    # -------------------------------------------------------------------------------------------------------- book

    async def most_vouchers(self, merchant: AccountId, settlement: Asset) -> int | None:
        self._answer()
        return None if self.chain_id.family == "eip155" else self.fits

    async def appoint_relayer(self, merchant: AccountId, relayer: AccountId) -> Sequence[Intent]:
        if (str(merchant), str(relayer)) in self.state.relayers:
            return ()
        return (_call(merchant, act="appoint", relayer=str(relayer)),)

    async def launch(self, terms: CampaignTerms) -> Sequence[Intent]:
        self._answer()
        self.launch_readings += 1
        self.terms[terms.id] = terms
        steps = []
        if terms.id not in self.state.created:
            steps.append(_call(terms.issuer, act="create", campaign=str(terms.id)))
        if self.state.funded.get(terms.id, 0) < terms.full_funding:
            steps.append(_call(terms.funder, act="fund", campaign=str(terms.id), units=str(terms.full_funding)))
        return steps

    async def issue(self, terms: CampaignTerms, holders: Sequence[AccountId], first_number: int) -> Sequence[Intent]:
        self._answer()
        names = [str(holder) for holder in holders]
        return (_call(terms.issuer, act="issue", campaign=str(terms.id), first=first_number, holders=names),)

    async def consents(self, terms: Sequence[CampaignTerms], redemption: Redemption) -> Sequence[ConsentRequest]:
        self._answer()
        if self.chain_id.family == "solana":
            return ()
        payload = json.dumps({"order": redemption.order_hash.hex()}).encode()
        return (ConsentRequest("redeem_order", SigningScheme.EVM_TYPED_DATA, payload),)

    async def redeem(
        self, terms: Sequence[CampaignTerms], redemption: Redemption, consents: Mapping[str, Signature]
    ) -> Intent:
        self._answer()
        return _call(
            redemption.submitter,
            act="redeem",
            holder=str(redemption.holder),
            merchant=str(redemption.merchant),
            order=redemption.order_hash.hex(),
            remainder=str(redemption.remainder.base_units),
            items=[[str(item.voucher), item.amount_minor, item.moves] for item in redemption.items],
            signed=(consents["redeem_order"].raw if consents else b"\1" * 65).hex(),
        )

    async def hand_on(
        self, terms: CampaignTerms, holder: AccountId, recipient: AccountId, voucher: VoucherId
    ) -> Intent:
        self._answer()
        return _call(holder, act="move", voucher=str(voucher), recipient=str(recipient))

    async def voucher(self, voucher: VoucherId) -> VoucherState | None:
        self._answer()
        return self.state.vouchers.get(voucher) if self.chain_id.family == "eip155" else None

    async def vouchers(self, vouchers: Sequence[VoucherId]) -> Sequence[VoucherState | None]:
        return [await self.voucher(voucher) for voucher in vouchers]

    async def events(self, campaigns: Sequence[CampaignTerms], since: int, until: int) -> EventPage:
        self._answer()
        known = {terms.id for terms in campaigns}
        found = []
        for height in range(since, min(until, len(self.blocks) - 1) + 1):
            block = self.blocks[height]
            for index, (tx_hash, fact) in enumerate(block.events):
                voucher = getattr(fact, "voucher", None)
                campaign = getattr(fact, "campaign", None) or (voucher.campaign if voucher else None)
                if campaign is None or campaign in known:
                    found.append(TokenEvent(ChainPosition(height, index, index, block.hash), tx_hash, block.time, fact))
        if self.chain_id.family == "solana":
            return EventPage(since, until, tuple(found))
        before = self.blocks[since - 1].hash if since > 0 else None
        return EventPage(since, until, tuple(found), before, self.blocks[min(until, len(self.blocks) - 1)].hash)

    # ------------------------------------------------------------------------------------------------------ blocks

    def mine(self, count: int = 1, *, seconds: int = 1) -> None:
        for _ in range(count):
            self._add([])
            self.blocks[-1].time = self.blocks[-2].time + seconds

    def _add(self, events: list[tuple[str, facts.Fact]]) -> None:
        last = self.blocks[-1]
        self.blocks.append(Block(keccak256(last.hash + repr(events).encode() + uuid4().bytes), last.time + 1, events))

    def reorganise(self, depth: int) -> None:
        """Replace the newest `depth` blocks by as many empty ones."""
        del self.blocks[-depth:]
        self.mine(depth)
        self._replay()

    def _replay(self) -> None:
        self.state = State(relayers=self.state.relayers)
        for block in self.blocks:
            for _, fact in block.events:
                self._take(fact, block.time)

    def _take(self, fact: facts.Fact, time: int) -> None:
        state = self.state
        match fact:
            case facts.CampaignLaunched(campaign, _, _):
                state.created.add(campaign)
                state.next_number[campaign] = 1
            case facts.CampaignFunded(campaign, _, units):
                state.funded[campaign] = state.funded.get(campaign, 0) + units
            case facts.VoucherIssued(voucher, holder):
                state.vouchers[voucher] = VoucherState(holder, 0, None, *self._value(voucher))
                state.next_number[voucher.campaign] = voucher.serial.number + 1
            case facts.VoucherMoved(voucher, _, recipient):
                before = state.vouchers[voucher]
                sequence = None if before.sequence is None else before.sequence + 1
                state.vouchers[voucher] = VoucherState(
                    recipient, before.moves + 1, None, before.remaining_minor, sequence
                )
            case facts.ValueSpent():
                before = state.vouchers[fact.voucher]
                assert before.remaining_minor is not None
                assert before.sequence is not None
                state.vouchers[fact.voucher] = replace(
                    before, remaining_minor=before.remaining_minor - fact.amount_minor, sequence=before.sequence + 1
                )
            case facts.VoucherRedeemed():
                state.vouchers[fact.voucher] = replace(state.vouchers[fact.voucher], redeemed_at=time)

    def _value(self, voucher: VoucherId) -> tuple[int | None, int | None]:
        """Face value and sequence of new stored value."""
        terms = self.terms[voucher.campaign]
        if terms.kind != "stored_value":
            return None, None
        return terms.max_payout * 10_000 // (terms.units_per_minor * terms.sponsor_bp), 0

    def move(self, voucher: VoucherId, recipient: AccountId) -> None:
        """A transfer outside of everybody's knowledge."""
        fact = facts.VoucherMoved(voucher, self.state.vouchers[voucher].holder, recipient)
        self._add([("0xmove", fact)])
        self._take(fact, self.blocks[-1].time)

    def emit(self, fact: facts.Fact, *, time: int) -> None:
        """A fact of a later block that nobody here asked for."""
        self._add([(f"0x{len(self.blocks):x}", fact)])
        self.blocks[-1].time = time
        self._take(fact, time)

    def issue_elsewhere(self, campaign: CampaignId, number: int, holder: AccountId) -> None:
        """An issue that the database has forgotten."""
        fact = facts.VoucherIssued(VoucherId(campaign, Serial(0, SerialClass.SINGLE, number)), holder)
        self._add([("0xelsewhere", fact)])
        self._take(fact, self.blocks[-1].time)

    def check(self, intent: Intent) -> list[facts.Fact]:
        """The facts that a transaction would make. Raises TransactionReverted."""
        assert isinstance(intent.action, ContractCall)
        call = json.loads(intent.action.data)
        match call["act"]:
            case "appoint":
                return []
            case "create":
                campaign = CampaignId.parse(call["campaign"])
                _require(campaign not in self.state.created, "CampaignAlreadyExists")
                return [facts.CampaignLaunched(campaign, self.terms[campaign].rules_hash, intent.sender)]
            case "fund":
                campaign = CampaignId.parse(call["campaign"])
                return [facts.CampaignFunded(campaign, intent.sender, int(call["units"]))]
            case "issue":
                return self._issue(call)
            case "move":
                voucher = VoucherId.parse(call["voucher"])
                _require(self.state.vouchers[voucher].holder == intent.sender, "NotVoucherHolder")
                return [facts.VoucherMoved(voucher, intent.sender, AccountId.parse(call["recipient"]))]
            case _:
                return self._redeem(call)

    def _issue(self, call: Mapping[str, Any]) -> list[facts.Fact]:
        campaign = CampaignId.parse(call["campaign"])
        terms = self.terms[campaign]
        following = self.state.next_number.get(campaign)
        if call["first"] != following:
            raise NotNextNumber("another number is next", reason="NotNextNumber", given=call["first"], next=following)
        _require(call["first"] + len(call["holders"]) - 1 <= terms.cap, "CapExceeded")
        return [
            facts.VoucherIssued(
                VoucherId(campaign, Serial(terms.lane, SerialClass.SINGLE, call["first"] + index)),
                AccountId.parse(holder),
            )
            for index, holder in enumerate(call["holders"])
        ]

    def _redeem(self, call: Mapping[str, Any]) -> list[facts.Fact]:
        holder, merchant = AccountId.parse(call["holder"]), AccountId.parse(call["merchant"])
        order = bytes.fromhex(call["order"])
        found: list[facts.Fact] = []
        _require(call["signed"] == (b"\1" * 65).hex(), "InvalidSignature")
        for text, amount, moves in call["items"]:
            voucher = VoucherId.parse(text)
            state = self.state.vouchers.get(voucher)
            _require(state is not None, "VoucherNotFound")
            assert state is not None
            _require(state.redeemed_at is None, "VoucherAlreadyRedeemed")
            _require(state.holder == holder, "NotVoucherHolder")
            _require((state.moves if state.sequence is None else state.sequence) == moves, "VoucherMoved")
            left = state.remaining_minor
            _require(left is None or 0 < amount <= left, "StoredValueTooSmall")
            terms = self.terms[voucher.campaign]
            name = redemption_id(voucher, holder, merchant, order, amount, moves)
            kind = facts.VoucherRedeemed if left is None or amount == left else facts.ValueSpent
            found.append(
                kind(voucher, name, order, holder, merchant, amount, terms.payout(amount), terms.settlement.id)
            )
        found.append(facts.OrderPaid(order, holder, merchant, self.money.id, int(call["remainder"])))
        return found

    def execute(self, intent: Intent, tx_hash: str) -> int:
        """Put a transaction into a block of its own; returns its height. Raises TransactionReverted."""
        found = self.check(intent)
        assert isinstance(intent.action, ContractCall)
        call = json.loads(intent.action.data)
        if call["act"] == "appoint":
            self.state.relayers.add((str(intent.sender), call["relayer"]))
        self._add([(tx_hash, fact) for fact in found])
        for fact in found:
            self._take(fact, self.blocks[-1].time)
        return len(self.blocks) - 1


def _call(sender: AccountId, **what: Any) -> Intent:
    return Intent(sender, ContractCall(BOOK, json.dumps(what).encode()))


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise TransactionReverted(f"the chain refused: {reason}", reason=reason)


class FakeChains:
    """Conforms to `chains.ports.Chains`."""

    def __init__(self, *chains: FakeChain) -> None:
        self._chains = {chain.chain_id: chain for chain in chains}

    def all(self) -> Sequence[ChainId]:
        return list(self._chains)

    def adapter(self, chain: ChainId) -> Any:
        if chain not in self._chains:
            raise UnknownChain(f"{chain} is not configured")
        return self._chains[chain]

    def book(self, chain: ChainId) -> Any:
        return self.adapter(chain)


@dataclass
class FakePayment:
    id: UUID
    order: PaymentOrder
    state: PaymentState = PaymentState.UNSIGNED
    failure: Mapping[str, Any] | None = None
    height: int | None = None


class FakePayments:
    """Conforms to `vouchers.ports.Payments`; `land` carries out what waits."""

    def __init__(self, database: Database, chain: FakeChain) -> None:
        self._database = database
        self._chain = chain
        self.by_id: dict[UUID, FakePayment] = {}
        self.refuse: QuanbaoError | None = None
        self.authorised: list[tuple[UUID, Signer]] = []

    async def request(self, tx: Transaction, order: PaymentOrder) -> UUID:
        for known in self.by_id.values():
            if known.order.idempotency_key == order.idempotency_key:
                if known.order.intent != order.intent:
                    raise IdempotencyConflict("another intent")
                return known.id
        payment = FakePayment(uuid4(), order)
        self.by_id[payment.id] = payment
        return payment.id

    async def known(
        self, tx: Transaction, tenant_id: UUID, idempotency_key: str
    ) -> tuple[UUID, Mapping[str, Any]] | None:
        for one in self.by_id.values():
            if (one.order.tenant_id, one.order.idempotency_key) == (tenant_id, idempotency_key):
                return one.id, one.order.reference
        return None

    async def authorise(self, payment_id: UUID, signer: Signer) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.authorised.append((payment_id, signer))
        self.by_id[payment_id].state = PaymentState.IN_FLIGHT

    async def view(self, tx: Transaction, tenant_id: UUID, payment_id: UUID) -> PaymentView:
        payment = self.by_id[payment_id]
        assert payment.order.tenant_id == tenant_id
        return PaymentView(payment_id, payment.state, f"0x{payment_id.hex}", payment.height, None, payment.failure)

    async def withdraw(self, tx: Transaction, payment_id: UUID) -> bool:
        payment = self.by_id[payment_id]
        if payment.state is not PaymentState.UNSIGNED:
            return False
        payment.state, payment.failure = PaymentState.FAILED, {"code": "withdrawn"}
        return True

    @property
    def waiting(self) -> list[FakePayment]:
        return [p for p in self.by_id.values() if p.state in (PaymentState.UNSIGNED, PaymentState.IN_FLIGHT)]

    async def land(self) -> int:
        """Execute every payment that is or may be signed, and tell its end; returns how many."""
        waiting = [
            payment
            for payment in self.waiting
            if payment.order.signs == "service" or payment.state is PaymentState.IN_FLIGHT
        ]
        for payment in waiting:
            try:
                payment.height = self._chain.execute(payment.order.intent, f"0x{payment.id.hex}")
                payment.state = PaymentState.DONE
            except TransactionReverted as error:
                payment.state = PaymentState.FAILED
                payment.failure = {"code": error.code, "message": error.message, "facts": error.facts}
            await self.tell(payment)
        return len(waiting)

    async def tell(self, payment: FakePayment) -> None:
        async with self._database.transaction() as tx:
            await enqueue(
                tx,
                payment.order.on_end,
                str(payment.id),
                {
                    "payment_id": str(payment.id),
                    "status": payment.state.value,
                    "reference": dict(payment.order.reference),
                },
            )


@dataclass(frozen=True)
class FakeHeld:
    account: AccountId
    key_id: KeyId


class FakeAccounts:
    """Conforms to `vouchers.ports.Accounts`: addresses follow from tenant and purpose."""

    def __init__(self) -> None:
        self.persons: dict[UUID, list[AccountId]] = {}

    async def service_account(self, tenant_id: UUID, purpose: KeyPurpose, chain: ChainId) -> FakeHeld:
        digest = keccak256(tenant_id.bytes + purpose.value.encode())
        raw = digest[:20] if chain.family == "eip155" else digest
        return FakeHeld(AccountId.from_raw(chain, raw), KeyId(UUID(bytes=digest[:16])))

    async def accounts_of(self, tenant_id: UUID) -> tuple[AccountId, ...]:
        return tuple(self.persons.get(tenant_id, ()))

    async def tenants_of(self, tx: Transaction, account: AccountId) -> tuple[UUID, ...]:
        return tuple(person for person, accounts in self.persons.items() if account in accounts)

    async def accounts_on(self, tx: Transaction, chain: ChainId, after: str, limit: int) -> Sequence[AccountId]:
        held = {one for accounts in self.persons.values() for one in accounts if one.chain == chain}
        return sorted((one for one in held if one.address > after), key=lambda one: one.address)[:limit]

    async def key_of(self, tenant_id: UUID, account: AccountId) -> KeyId:
        if account not in self.persons.get(tenant_id, ()):
            raise NotVoucherHolder("the account belongs to somebody else")
        return KeyId(UUID(bytes=keccak256(account.raw)[:16]))


class RecordedCosigning:
    """Conforms to `vouchers.ports.CosigningRules`."""

    def __init__(self) -> None:
        self.allowed: list[CampaignId] = []

    async def allow(self, tenant_id: UUID, terms: CampaignTerms, per_holder: int | None) -> None:
        self.allowed.append(terms.id)


class ConsentSigner:
    """Conforms to `primitives.signing.Signer`; every signature is the same valid one."""

    def __init__(self, refusal: QuanbaoError | None = None) -> None:
        self.refusal = refusal
        self.requests: list[SigningRequest] = []

    async def public_key(self, key: KeyId) -> PublicKey:
        return PublicKey(Curve.SECP256K1, b"\2" * 33)

    async def sign(self, request: SigningRequest) -> Signature:
        self.requests.append(request)
        if self.refusal is not None:
            raise self.refusal
        return Signature(Curve.SECP256K1, b"\1" * 65)
