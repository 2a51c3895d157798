"""One faucet over both chains, with idempotency keys."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from solders.pubkey import Pubkey

from localnet.control.gifts import GiftBook, RememberedGift
from localnet.evm.faucet import EvmFaucet, GiftLost, SignedGift
from localnet.solana.faucet import SolanaFaucet
from localnet.test_money import TEST_MONIES, TestMoney
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import AmountNotPositive, InvalidValue, UnknownAsset, UnknownChain

_MAX_BASE_UNITS = {"eip155": 2**256 - 1, "solana": 2**64 - 1}


@dataclass(frozen=True, slots=True)
class GiftRequest:
    """Who gets how much of what: `asset` is `native` or the symbol of a test money."""

    account: AccountId
    asset: str
    base_units: int

    @classmethod
    def parse(cls, body: object) -> GiftRequest:
        """Read the JSON body of a request.

        Raises:
            InvalidValue: A field is missing or not what it should be.
        """
        if not isinstance(body, dict):
            raise InvalidValue("the faucet expects a JSON object", field="body")
        fields = {}
        for name in ("chain", "account", "asset", "base_units"):
            value = body.get(name)
            if not isinstance(value, str):
                raise InvalidValue(f"{name} must be text", field=name)
            fields[name] = value
        if not fields["base_units"].isascii() or not fields["base_units"].isdigit():
            raise InvalidValue("base_units must be a whole number in decimal digits", field="base_units")
        if len(fields["base_units"]) > 78:
            raise InvalidValue("base_units has more than 78 digits", field="base_units")
        account = AccountId.of(ChainId.parse(fields["chain"]), fields["account"])
        amount = int(fields["base_units"])
        if amount == 0:
            raise AmountNotPositive("base_units must be positive", field="base_units")
        limit = _MAX_BASE_UNITS[account.chain.family]
        if amount > limit:
            raise InvalidValue(f"base_units must not exceed {limit}", field="base_units", limit=limit)
        return cls(account, fields["asset"], amount)

    def __str__(self) -> str:
        return f"{self.account} {self.asset} {self.base_units}"


class Faucet:
    """Gives on either chain and answers when the transaction is included (Solana: confirmed)."""

    def __init__(
        self, evm: EvmFaucet, evm_chain: ChainId, solana: SolanaFaucet, solana_chain: ChainId, book: GiftBook
    ) -> None:
        self._evm = evm
        self._evm_chain = evm_chain
        self._solana = solana
        self._solana_chain = solana_chain
        self._book = book
        self._keys: dict[str, asyncio.Lock] = {}

    async def give(self, request: GiftRequest, key: str | None = None) -> str:
        """Make one gift; with an idempotency key the same request gives the same transaction.

        Raises:
            UnknownChain, UnknownAsset, InsufficientFunds, TransactionReverted, IdempotencyConflict, LocalnetError.
        """
        if key is None:
            return await self._give(request, None)
        async with self._keys.setdefault(key, asyncio.Lock()):
            return await self._give(request, key)

    async def _give(self, request: GiftRequest, key: str | None) -> str:
        money = _money(request.asset)
        remembered = self._book.find(key, str(request)) if key is not None else None
        if request.account.chain == self._evm_chain:
            return await self._give_evm(request, money, key, remembered)
        if request.account.chain == self._solana_chain:
            return await self._give_solana(request, money, key, remembered)
        raise UnknownChain(
            f"{request.account.chain} is not a chain of this local network", chain=str(request.account.chain)
        )

    async def _give_evm(
        self, request: GiftRequest, money: TestMoney | None, key: str | None, remembered: RememberedGift | None
    ) -> str:
        async def remember(gift: SignedGift) -> None:
            if key is not None:
                self._book.remember(key, str(request), RememberedGift(gift.transaction_id, gift.raw))

        if remembered is not None:
            gift = SignedGift(remembered.transaction_id, remembered.raw)
            try:
                await self._evm.send(gift)
                await self._evm.include(gift)
                return gift.transaction_id
            except GiftLost:
                # It never reached a block and never can: another transaction may take its place.
                pass
        recipient = request.account.raw
        if money is None:
            gift = await self._evm.give_native(recipient, request.base_units, remember)
        else:
            gift = await self._evm.give_money(money, recipient, request.base_units, remember)
        await self._evm.include(gift)
        return gift.transaction_id

    async def _give_solana(
        self, request: GiftRequest, money: TestMoney | None, key: str | None, remembered: RememberedGift | None
    ) -> str:
        if remembered is not None and self._solana.knows(remembered.transaction_id):
            return remembered.transaction_id
        recipient = Pubkey(request.account.raw)
        if money is None:
            signature = await self._solana.give_native(recipient, request.base_units)
        else:
            signature = await self._solana.give_money(money, recipient, request.base_units)
        if key is not None:
            # The chain forgets an unconfirmed transaction when it crashes, so remembering now, before the slot is
            # on disk, can name a transaction that never was (found out by `knows`), never miss one that was.
            self._book.remember(key, str(request), RememberedGift(signature, ""))
        await self._solana.include(signature)
        return signature


def _money(asset: str) -> TestMoney | None:
    if asset == "native":
        return None
    for money in TEST_MONIES:
        if money.symbol == asset:
            return money
    known = ", ".join(["native", *(money.symbol for money in TEST_MONIES)])
    raise UnknownAsset(f"the faucet does not have {asset!r}; it has {known}", asset=asset)
