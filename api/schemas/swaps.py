"""Schemas of swaps and of wrapping."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from api.schemas.amounts import AssetText, BaseUnitsText, ChainAmount
from api.schemas.balances import BalanceChangeRead, changes_read
from api.schemas.base import Moment, RequestBody, ResponseBody
from api.schemas.transfers import AccountText, DecimalText, FailureRead, WarningRead
from chains.intent import ContractCall, Intent
from chains.ports import Speed
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.errors import FeatureUnavailable
from wallets.defi.model import Plan, Step, StepKind, StepStatus, Swap, SwapDraft, SwapKind, Terms

_ACCOUNT = "eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"

HexText = Annotated[str, StringConstraints(pattern=r"^0x([0-9a-fA-F]{2}){1,20000}$")]
HashText = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{64}$")]


class _Quantity(RequestBody):
    """How much: exactly one of `base_units` and `value`."""

    account: AccountText = Field(description="CAIP-10, one of the caller's", examples=[_ACCOUNT])
    base_units: BaseUnitsText | None = Field(default=None, examples=["1000000000000000000"])
    value: DecimalText | None = Field(default=None, description="Units as people write them", examples=["1.5"])
    speed: Speed = Field(default=Speed.NORMAL, description="How soon each transaction shall be included")
    accept_warnings: list[str] = Field(
        default_factory=list, max_length=20, description="Codes of the preview's warnings that the person accepts"
    )

    @model_validator(mode="after")
    def _one_quantity(self) -> Self:
        if (self.base_units is None) == (self.value is None):
            raise ValueError("give either base_units or value")
        return self

    @property
    def quantity(self) -> int | Decimal:
        return int(self.base_units) if self.base_units is not None else Decimal(self.value or "0")


class SwapRequest(_Quantity):
    """An exact amount of one asset for as much as possible of another."""

    sell: AssetText = Field(description="CAIP-19", examples=["eip155:31337/slip44:60"])
    buy: AssetText = Field(description="CAIP-19")
    slippage_bps: int = Field(
        default=50, ge=0, le=5_000, description="How much less than expected may come out, in hundredths of a percent"
    )
    lifetime_seconds: int = Field(
        default=1_200, ge=30, le=86_400, description="Of block time, after which the router refuses"
    )

    def to_domain(self) -> SwapDraft:
        """Raises InvalidAddress, InvalidValue."""
        return SwapDraft(
            account=AccountId.parse(self.account),
            sell=AssetId.parse(self.sell),
            buy=AssetId.parse(self.buy),
            quantity=self.quantity,
            slippage_bps=self.slippage_bps,
            lifetime_seconds=self.lifetime_seconds,
            speed=self.speed,
            accept_warnings=frozenset(self.accept_warnings),
        )


class WrapRequest(_Quantity):
    """An amount of the native coin as its token, or back; one for one."""

    def to_domain(self, wrapped: bytes | None, *, back: bool) -> SwapDraft:
        """Raises InvalidAddress, FeatureUnavailable: the chain's wrapped coin is not known."""
        account = AccountId.parse(self.account)
        if wrapped is None:
            raise FeatureUnavailable(
                f"no wrapped coin of {account.chain} is configured: name it in the chains file", feature="wrapped_coin"
            )
        native = AssetId.native(account.chain)
        token = AssetId.fungible(account.chain, AccountId.from_raw(account.chain, wrapped).address)
        return SwapDraft(
            account=account,
            sell=token if back else native,
            buy=native if back else token,
            quantity=self.quantity,
            speed=self.speed,
            accept_warnings=frozenset(self.accept_warnings),
        )


class SubmitRequest(RequestBody):
    """A step that a wallet elsewhere has signed: its bytes, or the hash under which it was sent."""

    step: int = Field(ge=0, le=9, description="Its number")
    signed_transaction: HexText | None = Field(default=None, description="It is sent from here, again and again")
    tx_hash: HashText | None = Field(default=None, description="The wallet has sent it itself")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.signed_transaction is None) == (self.tx_hash is None):
            raise ValueError("give either signed_transaction or tx_hash")
        return self

    @property
    def raw(self) -> bytes | None:
        return None if self.signed_transaction is None else bytes.fromhex(self.signed_transaction[2:])


class TermsRead(ResponseBody):
    """What is agreed."""

    kind: SwapKind
    account: str = Field(description="CAIP-10")
    sell: ChainAmount
    expected: ChainAmount = Field(description="As simulated; where no node simulates, as the router says")
    least: ChainAmount = Field(description="The router refuses to give less")
    path: list[str] = Field(description="Tokens from the sold to the bought one, CAIP-10; empty for wrapping")
    price_impact_bps: int = Field(description="Below the pools' present price, their fees included; 1/100 %")
    slippage_bps: int
    deadline: int | None = Field(description="Unix seconds of block time; null for wrapping, which never expires")
    router: str | None = Field(description="CAIP-10; takes the sold tokens")
    transfer_fees: bool = Field(description="A token on the way keeps part of what is transferred")

    @classmethod
    def of_terms(cls, terms: Terms) -> Self:
        return cls(
            kind=terms.kind,
            account=str(terms.account),
            sell=ChainAmount.of(terms.sell),
            expected=ChainAmount.of(terms.expected),
            least=ChainAmount.of(terms.least),
            path=[str(one) for one in terms.path],
            price_impact_bps=terms.price_impact_bps,
            slippage_bps=terms.slippage_bps,
            deadline=terms.deadline,
            router=None if terms.router is None else str(terms.router),
            transfer_fees=terms.transfer_fees,
        )


class CallToSign(ResponseBody):
    """A transaction's call, as `eth_sendTransaction` wants it."""

    number: int
    kind: StepKind
    to: str = Field(description="Address")
    data: str = Field(description="Hex")
    value: str = Field(description="Wei, hex", examples=["0x0"])
    gas: str | None = Field(description="Hex; null: to be estimated once the step before is in a block")

    @classmethod
    def of_call(cls, number: int, kind: StepKind, intent: Intent, gas: int | None) -> Self:
        action = intent.action
        assert isinstance(action, ContractCall)
        return cls(
            number=number,
            kind=kind,
            to=action.to.address,
            data="0x" + action.data.hex(),
            value=hex(action.value),
            gas=None if gas is None else hex(gas),
        )


class SwapPreviewRead(ResponseBody):
    """What the swap would do now."""

    terms: TermsRead
    steps: list[CallToSign]
    fee_limit: ChainAmount = Field(description="The most that all transactions can be charged")
    balance_changes: list[BalanceChangeRead] | None = Field(
        description="What you give and get, as simulated, fees aside; null where no node simulates"
    )
    warnings: list[WarningRead] = Field(description="Accept each code before anything is signed")

    @classmethod
    def of(cls, plan: Plan) -> Self:
        return cls(
            terms=TermsRead.of_terms(plan.terms),
            steps=[
                CallToSign.of_call(
                    number, step.kind, step.intent, None if step.preview is None else step.preview.units * 6 // 5
                )
                for number, step in enumerate(plan.steps)
            ],
            fee_limit=ChainAmount.of(plan.fee_limit),
            balance_changes=changes_read(plan.changes),
            warnings=[WarningRead.of(one) for one in plan.warnings],
        )


class StepRead(CallToSign):
    """One transaction of a swap, and where it stands."""

    status: StepStatus
    tx_hash: str | None
    failure: FailureRead | None

    @classmethod
    def of(cls, step: Step) -> Self:
        gas = None if step.gas_limit is None else step.gas_limit * 6 // 5
        call = CallToSign.of_call(step.number, step.kind, step.intent, gas)
        return cls(
            **call.model_dump(),
            status=step.status,
            tx_hash=step.tx_hash,
            failure=None if step.failure is None else FailureRead.of(step.failure),
        )


class SwapRead(ResponseBody):
    """A swap, its transactions in order, and where it stands."""

    id: UUID
    status: StepStatus = Field(description="Of the whole: the last step does it, those before it only allow it")
    signs: str = Field(description="keystore · outside", examples=["keystore"])
    terms: TermsRead
    steps: list[StepRead]
    received: ChainAmount | None = Field(description="What came out, from the final receipt")
    cancelling: bool = Field(description="Its nonces are being used up so that it never happens")
    failure: FailureRead | None
    created_at: Moment
    ended_at: Moment | None

    @classmethod
    def of(cls, swap: Swap) -> Self:
        failure = swap.told_failure
        return cls(
            id=swap.id,
            status=swap.status,
            signs=swap.signs,
            terms=TermsRead.of_terms(swap.terms),
            steps=[StepRead.of(step) for step in swap.steps],
            received=None if swap.received is None else ChainAmount.of(swap.received),
            cancelling=swap.cancelling,
            failure=None if failure is None else FailureRead.of(failure),
            created_at=swap.created_at,
            ended_at=swap.ended_at,
        )
