"""A chain in memory with accounts, nonces, a pool, blocks, finality and reorgs; its adapter conforms to the port."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from chains.intent import Intent, Transfer
from chains.one_by_one import OneByOne
from chains.ports import (
    AccountState,
    Bid,
    FeeQuote,
    Finalised,
    Heads,
    NonceLane,
    Nonces,
    PreparedTransaction,
    Preview,
    Receipt,
    SeenTransaction,
    SignedTransaction,
    Speed,
)
from codec.evm.transaction import address_of_public_key, recover_address, signing_hash
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import (
    AmountNotPositive,
    FeeTooLow,
    InsufficientFunds,
    InvalidAddress,
    InvalidValue,
    NodeUnavailable,
    NonceTooLow,
    TransactionRejected,
    UnknownAsset,
)
from primitives.hashing import keccak256
from primitives.position import Finality
from primitives.signing import Curve, PublicKey, Signature, SigningScheme

CHAIN = ChainId.evm(424242)
COIN = Asset(AssetId.native(CHAIN), "FAKE", 18)
TOKEN = Asset(AssetId.fungible(CHAIN, "0x1111111111111111111111111111111111111111"), "FTK", 6)
FEE = 1000


@dataclass(frozen=True, slots=True)
class FakeTransaction:
    sender: str
    recipient: str
    units: int
    nonce: int
    tag: str = ""
    asset: str = str(COIN.id)
    price: int = FEE

    @property
    def payload(self) -> bytes:
        return json.dumps(
            [self.sender, self.recipient, self.units, self.nonce, self.tag, self.asset, self.price]
        ).encode()

    @property
    def hash(self) -> str:
        return "0x" + keccak256(self.payload).hex()


@dataclass
class FakeChain:
    """The node. `finality` blocks above a block make it final. `silent`: it answers nothing."""

    finality: int = 2
    endowment: dict[str, int] = field(default_factory=dict)
    token_endowment: dict[str, int] = field(default_factory=dict)
    blocks: list[list[FakeTransaction]] = field(default_factory=lambda: [[]])
    pool: dict[str, FakeTransaction] = field(default_factory=dict)
    silent: bool = False
    forks: int = 0
    base_fee: int = FEE // 2

    @property
    def height(self) -> int:
        return len(self.blocks) - 1

    @property
    def final_height(self) -> int:
        return max(0, self.height - self.finality)

    def block_hash(self, height: int) -> bytes:
        text = json.dumps([height, self.forks, [t.hash for t in self.blocks[height]]])
        return keccak256(text.encode())

    def effects(self, account: str, up_to: int) -> list[FakeTransaction]:
        return [t for block in self.blocks[: up_to + 1] for t in block if t.sender == account]

    def nonce(self, account: str, up_to: int | None = None) -> int:
        return len(self.effects(account, self.height if up_to is None else up_to))

    def balance(self, account: str, up_to: int | None = None, asset: Asset = COIN) -> int:
        height = self.height if up_to is None else up_to
        total = (self.endowment if asset == COIN else self.token_endowment).get(account, 0)
        for block in self.blocks[: height + 1]:
            for t in block:
                moved = t.units if t.asset == str(asset.id) else 0
                total += moved * (t.recipient == account) - moved * (t.sender == account)
                total -= t.price * (t.sender == account and asset == COIN)
        return total

    def accept(self, transaction: FakeTransaction) -> None:
        """Into the pool. Raises NonceTooLow unless these very bytes are known."""
        known = transaction.hash in self.pool or any(transaction in block for block in self.blocks)
        if known:
            return
        if transaction.nonce < self.nonce(transaction.sender):
            raise NonceTooLow("nonce too low")
        for tx_hash, other in list(self.pool.items()):
            if (other.sender, other.nonce) == (transaction.sender, transaction.nonce):
                if transaction.price * 10 < other.price * 11:
                    raise FeeTooLow("replacement transaction underpriced")
                del self.pool[tx_hash]
        self.pool[transaction.hash] = transaction

    def pending(self, account: str) -> int:
        """The included nonces and those that wait executable in the pool."""
        nonce = self.nonce(account)
        waiting = {t.nonce for t in self.pool.values() if t.sender == account}
        while nonce in waiting:
            nonce += 1
        return nonce

    def mine(self) -> None:
        """One block of everything whose nonce comes next, first come first served."""
        self.blocks.append([])
        moved = True
        while moved:
            moved = False
            for tx_hash, transaction in list(self.pool.items()):
                next_nonce = self.nonce(transaction.sender)
                if transaction.nonce < next_nonce:
                    del self.pool[tx_hash]
                elif transaction.nonce == next_nonce and transaction.price >= self.base_fee:
                    self.blocks[-1].append(transaction)
                    del self.pool[tx_hash]
                    moved = True

    def reorg(self, depth: int) -> None:
        """Replace the newest blocks, never a final one, by empty ones; what they held is forgotten."""
        depth = min(depth, self.height - self.final_height)
        self.forks += 1
        for height in range(self.height - depth + 1, self.height + 1):
            self.blocks[height] = []

    def forget_pool(self) -> None:
        self.pool.clear()


class FakeAdapter(OneByOne):
    """`chains.ports.ChainAdapter` and `NonceLane` over a FakeChain; signatures are real."""

    cap = 1_000 * FEE
    window = 64

    def __init__(self, chain: FakeChain) -> None:
        self.chain = chain
        self.broadcasts: list[str] = []

    @property
    def chain_id(self) -> ChainId:
        return CHAIN

    @property
    def native(self) -> Asset:
        return COIN

    @property
    def required_finality(self) -> Finality:
        return Finality.FINALIZED

    def account_of(self, public_key: PublicKey) -> AccountId:
        assert public_key.curve is Curve.SECP256K1
        return AccountId.from_raw(CHAIN, address_of_public_key(public_key.raw))

    def _listen(self) -> None:
        if self.chain.silent:
            raise NodeUnavailable("the fake node is silent")

    async def check(self) -> None:
        self._listen()

    async def asset(self, asset_id: AssetId) -> Asset:
        for asset in (COIN, TOKEN):
            if asset.id == asset_id:
                return asset
        raise UnknownAsset(f"{asset_id} is not of {CHAIN}", asset=str(asset_id))

    async def balance(self, account: AccountId, asset: Asset, *, at: Finality = Finality.INCLUDED) -> Amount:
        self._listen()
        height = self.chain.final_height if at is Finality.FINALIZED else self.chain.height
        return Amount(self.chain.balance(account.address, height, asset), asset)

    async def heads(self) -> Heads:
        self._listen()
        return Heads(self.chain.height, self.chain.final_height, self.chain.final_height)

    async def block_hash(self, height: int) -> bytes | None:
        self._listen()
        return self.chain.block_hash(height) if 0 <= height <= self.chain.height else None

    async def block_time(self) -> int:
        self._listen()
        return 1_700_000_000 + self.chain.height

    async def next_nonce(self, account: AccountId) -> int | None:
        self._listen()
        return self.chain.nonce(account.address)

    @property
    def lane(self) -> NonceLane:
        return self

    async def state(self, account: AccountId, assets: Sequence[Asset]) -> AccountState:
        self._listen()
        return AccountState(
            self.chain.height,
            Nonces(self.chain.nonce(account.address), self.chain.pending(account.address)),
            {asset.id: await self.balance(account, asset) for asset in assets},
        )

    async def states(self, wanted: Sequence[tuple[AccountId, Sequence[Asset]]]) -> Sequence[AccountState]:
        return [await self.state(account, assets) for account, assets in wanted]

    async def quotes(self) -> Mapping[Speed, FeeQuote]:
        self._listen()
        price = max(FEE, 2 * self.chain.base_fee)
        blocked = price > self.cap
        return {
            speed: FeeQuote(speed, Bid(min(price, self.cap), 1), self.chain.base_fee, blocked, 1) for speed in Speed
        }

    def raised(self, bid: Bid) -> Bid:
        return Bid(-(-bid.price * 9 // 8), None if bid.priority_fee is None else -(-bid.priority_fee * 9 // 8))

    def capped(self, bid: Bid) -> bool:
        return bid.price > self.cap

    def rebid(self, sender: AccountId, raw: bytes, bid: Bid) -> PreparedTransaction:
        return self._prepared(sender, replace(FakeTransaction(*json.loads(raw)), price=bid.price), bid)

    def void(self, sender: AccountId, nonce: int, bid: Bid) -> PreparedTransaction:
        nothing = FakeTransaction(sender.address, sender.address, 0, nonce, "void", price=bid.price)
        return self._prepared(sender, nothing, bid)

    def _prepared(self, sender: AccountId, made: FakeTransaction, bid: Bid) -> PreparedTransaction:
        return PreparedTransaction(
            sender,
            SigningScheme.EVM_TRANSACTION,
            made.payload,
            (sender,),
            Amount(bid.price, COIN),
            made.nonce,
            bid=bid,
        )

    async def seen(self, account: AccountId, since: int) -> Sequence[SeenTransaction]:
        return [
            SeenTransaction(t.nonce, t.hash, height, t.recipient, t.units, b"", t.payload)
            for height, block in enumerate(self.chain.blocks)
            if height > since
            for t in block
            if t.sender == account.address
        ]

    def is_act(self, seen: SeenTransaction, intent: Intent) -> bool:
        action = intent.action
        assert isinstance(action, Transfer)
        return (seen.to, seen.value) == (action.recipient.address, action.amount.base_units)

    async def preview(self, intent: Intent, *, speed: Speed = Speed.NORMAL) -> Preview:
        self._listen()
        match intent.action:
            case Transfer(amount, recipient):
                pass
            case _:
                raise InvalidValue("the fake chain knows transfers only")
        if recipient.chain != CHAIN:
            raise InvalidAddress(f"{recipient} is not on {CHAIN}", address=str(recipient))
        asset = await self.asset(amount.asset.id)
        if amount.base_units == 0:
            raise AmountNotPositive("nothing to move")
        quote = (await self.quotes())[speed]
        if quote.blocked:
            raise FeeTooLow("above the cap", cap=self.cap, market=quote.base_fee)
        coins = quote.bid.price
        if asset == COIN:
            coins += amount.base_units
        else:
            self._require(intent.sender, asset, amount.base_units)
        self._require(intent.sender, COIN, coins)
        return Preview(Amount(quote.bid.price, COIN), 1, quote.bid.priority_fee, quote.bid.price)

    def _require(self, account: AccountId, asset: Asset, needed: int) -> None:
        available = self.chain.balance(account.address, asset=asset)
        if needed > available:
            raise InsufficientFunds("not enough", needed=needed, available=available, asset=str(asset.id))

    async def prepare(self, intent: Intent, *, nonce: int | None, preview: Preview) -> PreparedTransaction:
        assert nonce is not None
        assert isinstance(intent.action, Transfer)
        assert preview.price is not None
        made = FakeTransaction(
            intent.sender.address,
            intent.action.recipient.address,
            intent.action.amount.base_units,
            nonce,
            asset=str(intent.action.amount.asset.id),
            price=preview.price,
        )
        return self._prepared(intent.sender, made, Bid(preview.price, preview.priority_fee))

    def assemble(self, prepared: PreparedTransaction, signatures: Mapping[AccountId, Signature]) -> SignedTransaction:
        signature = signatures.get(prepared.sender)
        if signature is None or recover_address(signing_hash(prepared.payload), signature.raw) != prepared.sender.raw:
            raise TransactionRejected("missing or foreign signature")
        return SignedTransaction(
            CHAIN,
            prepared.payload,
            FakeTransaction(*json.loads(prepared.payload)).hash,
            nonce=prepared.nonce,
            bid=prepared.bid,
        )

    async def broadcast(self, signed: SignedTransaction) -> None:
        self._listen()
        self.broadcasts.append(signed.tx_hash)
        self.chain.accept(FakeTransaction(*json.loads(signed.raw)))

    async def receipt(self, tx_hash: str) -> Receipt | None:
        self._listen()
        for height, block in enumerate(self.chain.blocks):
            for index, transaction in enumerate(block):
                if transaction.hash == tx_hash:
                    final = height <= self.chain.final_height
                    return Receipt(
                        tx_hash=tx_hash,
                        height=height,
                        index=index,
                        block_hash=self.chain.block_hash(height),
                        block_time=1_700_000_000 + height,
                        ok=True,
                        reason=None,
                        fee_paid=Amount(transaction.price, COIN),
                        finality=Finality.FINALIZED if final else Finality.INCLUDED,
                    )
        return None

    async def finalised(self, account: AccountId) -> Finalised:
        self._listen()
        return Finalised(nonce=self.chain.nonce(account.address, self.chain.final_height), block_height=None)

    async def history_since(self) -> int:
        return 0
