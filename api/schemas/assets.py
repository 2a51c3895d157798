"""Schemas of holdings and approvals."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from api.schemas.amounts import AssetText, BaseUnitsText
from api.schemas.base import RequestBody, ResponseBody
from api.schemas.transfers import AccountText
from chains.evm.approvals import Approval, ApprovalKind
from primitives.account_id import AccountId
from wallets.assets.service import MarkedHolding, NewApproval

_ACCOUNT = "eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


class HoldingRead(ResponseBody):
    """A token or collectible, as its contract tells it now."""

    asset: AssetText = Field(description="CAIP-19, with the token id of a collectible")
    kind: str = Field(description="erc20, erc721 or erc1155", examples=["erc20"])
    base_units: BaseUnitsText
    decimals: int = Field(description="0 where the contract names none")
    symbol: str = Field(description="As the contract says; anybody may choose any")
    name: str
    marks: list[str] = Field(description="unsolicited, imitation, lure: why not to trust it", examples=[["imitation"]])
    hidden: bool = Field(description="Better not shown unless asked for")

    @classmethod
    def of(cls, marked: MarkedHolding) -> Self:
        holding = marked.holding
        return cls(
            asset=str(holding.asset),
            kind=holding.kind.value,
            base_units=str(holding.base_units),
            decimals=holding.decimals,
            symbol=holding.symbol,
            name=holding.name,
            marks=[mark.value for mark in marked.marks],
            hidden=marked.hidden,
        )


class HoldingsRead(ResponseBody):
    """Everything of one account."""

    items: list[HoldingRead]
    complete: bool = Field(description="False: more of the history is left to read; ask again")


class ApprovalRead(ResponseBody):
    """Something that somebody else may take."""

    kind: ApprovalKind
    owner: AccountText
    token: AccountText | None = Field(description="Null for a delegation, which may take everything")
    spender: AccountText
    base_units: BaseUnitsText | None = Field(description="Null: all of them")
    unlimited: bool
    until: int | None = Field(description="Unix seconds after which it ends by itself")

    @classmethod
    def of(cls, approval: Approval) -> Self:
        return cls(
            kind=approval.kind,
            owner=str(approval.owner),
            token=None if approval.token is None else str(approval.token),
            spender=str(approval.spender),
            base_units=None if approval.base_units is None else str(approval.base_units),
            unlimited=approval.unlimited,
            until=approval.until,
        )


class ApprovalsRead(ResponseBody):
    """Everything that others may take from one account."""

    items: list[ApprovalRead]
    complete: bool = Field(description="False: more of the history is left to read; ask again")


class RevocationRequest(RequestBody):
    """The approval to end, as the list shows it."""

    account: AccountText = Field(description="CAIP-10, one of the caller's", examples=[_ACCOUNT])
    kind: ApprovalKind
    token: AccountText | None = Field(default=None, description="CAIP-10")
    spender: AccountText = Field(description="CAIP-10")


class ApprovalRequest(RequestBody):
    """Who may take how much: `base_units`, or everything with `unlimited`."""

    account: AccountText = Field(description="CAIP-10, one of the caller's", examples=[_ACCOUNT])
    kind: Literal[ApprovalKind.ALLOWANCE, ApprovalKind.OPERATOR] = Field(
        default=ApprovalKind.ALLOWANCE, description="operator: every token of a collection, which is never exact"
    )
    token: AccountText = Field(description="CAIP-10")
    spender: AccountText = Field(description="CAIP-10")
    base_units: BaseUnitsText | None = Field(default=None, description="Of an allowance", examples=["1000000"])
    unlimited: bool = Field(default=False, description="Needs `unlimited_approval` among the accepted warnings")
    accept_warnings: list[str] = Field(default_factory=list, max_length=20, examples=[["unlimited_approval"]])

    @model_validator(mode="after")
    def _one_amount(self) -> Self:
        if self.kind is ApprovalKind.ALLOWANCE and (self.base_units is None) != self.unlimited:
            raise ValueError("give either base_units or unlimited")
        if self.kind is ApprovalKind.OPERATOR and (self.base_units is not None or self.unlimited):
            raise ValueError("an operator may move everything: leave base_units and unlimited out")
        return self

    def to_domain(self) -> NewApproval:
        """Raises InvalidAddress."""
        return NewApproval(
            AccountId.parse(self.account),
            self.kind,
            AccountId.parse(self.token),
            AccountId.parse(self.spender),
            None if self.base_units is None else int(self.base_units),
        )
