"""What the suite needs of a family: a voucher book on a running chain, and the people of one campaign."""

from __future__ import annotations

from typing import Protocol

from chains.campaign import CampaignTerms, Redemption
from chains.events import TokenEvent
from chains.intent import Intent
from chains.ports import VoucherBook
from primitives.account_id import AccountId


class BookStage(Protocol):
    """满100减20 for five vouchers, not launched yet; funder and holder have test CNY with 6 decimals."""

    @property
    def book(self) -> VoucherBook: ...

    @property
    def terms(self) -> CampaignTerms: ...

    @property
    def holder(self) -> AccountId: ...

    @property
    def friend(self) -> AccountId:
        """Somebody else who may hold vouchers."""
        ...

    @property
    def merchant(self) -> AccountId: ...

    @property
    def relayer(self) -> AccountId: ...

    def redemption(self, number: int, *, order_hash: bytes, remainder: int) -> Redemption:
        """Of the holder's, 20.00 off, sent by the relayer."""
        ...

    async def redeem(self, redemption: Redemption) -> None:
        """With the holder's consents as the book asks for them; raises when the chain refuses."""
        ...

    async def send(self, intent: Intent) -> None:
        """Sign with whatever keys it takes and have it included; raises when the chain refuses."""
        ...

    async def money(self, owner: AccountId) -> int: ...

    async def height(self) -> int: ...


async def carry_out(stage: BookStage, *intents: Intent) -> None:
    for intent in intents:
        await stage.send(intent)


async def whole_history(stage: BookStage) -> tuple[TokenEvent, ...]:
    return (await stage.book.events([stage.terms], 0, await stage.height())).events
