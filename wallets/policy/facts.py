"""What a payment takes away from its account, read from the act itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chains.intent import ContractCall, Intent, ProgramCall, Transfer
from codec.evm.swap_router import decode_swap, withdraw_call
from codec.evm.tokens import PERMIT2, call
from codec.solana.system import parse_transfer as parse_coins
from codec.solana.token import parse_transfer as parse_tokens
from keystore import PLATFORM_TENANT
from primitives.account_id import AccountId
from primitives.asset import AssetId
from wallets.engine.model import Payment, PaymentRequest, Signs

_OF_VOUCHERS = ("voucher.", "order.", "campaign.", "merchant.")
"""Acts that move vouchers, which are not money: only coins and known money count of what they take away."""
_NOBODY = "0x" + "00" * 20


def _selector(signature: str, *arguments: object) -> bytes:
    return call(signature, *arguments)[:4]


_TRANSFER = _selector("transfer(address,uint256)", _NOBODY, 0)
_TRANSFER_FROM = _selector("transferFrom(address,address,uint256)", _NOBODY, _NOBODY, 0)
_ALLOWANCES = (
    _selector("approve(address,uint256)", _NOBODY, 0),
    _selector("increaseAllowance(address,uint256)", _NOBODY, 0),
)
_PERMIT2_APPROVE = _selector("approve(address,address,uint160,uint48)", _NOBODY, _NOBODY, 0, 0)
_REVOKE_ALL = _selector("setApprovalForAll(address,bool)", _NOBODY, False)
_DEPOSIT = _selector("deposit()")
_WITHDRAW = withdraw_call(0)[:4]


@dataclass(frozen=True, slots=True)
class Leaving:
    """An amount of one asset that leaves, or that somebody else is allowed to take.

    Attributes:
        decimals: None where the act does not name them.
        recipient: Who gets it, or who may take it; None: several, or unknown.
    """

    asset: AssetId
    base_units: int
    decimals: int | None
    recipient: AccountId | None


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """What rules look at.

    Attributes:
        act: `transfer`, `swap`, `dapp.send`, `approval.give`, `order.refund`…
        leaving: Everything that the act is known to take away; an approval counts as if its amount had left.
        readable: Whether `leaving` is all of it. A call that nobody here can read may take more.
        called: The contract of such a call, which then stands for whoever is paid.
        asked_by: The member who asked for an organisation's payment.
        is_signature: Nothing is sent: something is signed that others may carry to a chain.
    """

    payment_id: UUID
    tenant_id: UUID
    act: str
    signs: Signs
    sender: AccountId
    leaving: tuple[Leaving, ...]
    readable: bool
    called: AccountId | None = None
    asked_by: UUID | None = None
    is_signature: bool = False

    @property
    def recipients(self) -> tuple[AccountId, ...]:
        """Everybody else who gets or may take something, each once."""
        named = [self.called, *(one.recipient for one in self.leaving)]
        return tuple(dict.fromkeys(one for one in named if one is not None and one != self.sender))

    @property
    def is_governed(self) -> bool:
        """Whether the owner's rules are asked: for whatever a person signs by hand, and for what leaves an
        organisation's own account. Vouchers that move or are redeemed are no payments of their holder's here, and an
        approval can always be taken back."""
        if self.tenant_id == PLATFORM_TENANT or self.act == "approval.revoke":
            return False
        if self.signs == "service":
            return bool(self.leaving)
        return not self.act.startswith(_OF_VOUCHERS)


def facts_of(payment: Payment, decimals: Mapping[AssetId, int]) -> PaymentFacts:
    """Of a stored payment; `decimals` are those of known money."""
    action = payment.intent.action
    leaving, readable = _read(payment.intent, payment.fee_asset.decimals, decimals.get, swapping=payment.act == "swap")
    if payment.act.startswith(_OF_VOUCHERS):
        leaving = [one for one in leaving if one.asset.is_native or one.asset in decimals]
    return PaymentFacts(
        payment_id=payment.id,
        tenant_id=payment.tenant_id,
        act=payment.act,
        signs=payment.signs,
        sender=payment.intent.sender,
        leaving=tuple(leaving),
        readable=readable,
        called=None if readable or not isinstance(action, ContractCall) else action.to,
        asked_by=payment.asked_by,
    )


def payload_hash(payment: Payment) -> bytes:
    """32 bytes SHA-256 over all that makes the payment what it is, as it stands now."""
    return PaymentRequest(
        tenant_id=payment.tenant_id,
        idempotency_key=payment.idempotency_key,
        intent=payment.intent,
        act=payment.act,
        signs=payment.signs,
        on_end=payment.on_end,
        reference=payment.reference,
        retry_of=payment.retry_of,
        speed=payment.speed,
        budgets=payment.budgets,
        asked_by=payment.asked_by,
    ).payload_hash()


_Decimals = Callable[[AssetId], int | None]


def _read(intent: Intent, native: int, decimals: _Decimals, *, swapping: bool) -> tuple[list[Leaving], bool]:
    match intent.action:
        case Transfer(amount, recipient):
            leaving = [Leaving(amount.asset.id, amount.base_units, amount.asset.decimals, recipient)]
            return _leaving_only(intent.sender, leaving), True
        case ContractCall() as call:
            return _of_call(intent.sender, call, native, decimals, swapping=swapping)
        case ProgramCall() as program:
            return _of_program(intent.sender, program, native, decimals)
        case _:
            return [], True


def _leaving_only(sender: AccountId, leaving: Sequence[Leaving]) -> list[Leaving]:
    return [one for one in leaving if one.base_units and one.recipient != sender]


def _of_call(
    sender: AccountId, call: ContractCall, native: int, decimals: _Decimals, *, swapping: bool
) -> tuple[list[Leaving], bool]:
    leaving = []
    if call.value:
        leaving.append(Leaving(AssetId.native(sender.chain), call.value, native, call.to))
    selector, words = call.data[:4], [call.data[at : at + 32] for at in range(4, len(call.data) - 31, 32)]
    token = AssetId.fungible(sender.chain, call.to.address)

    def out(asset: AssetId, amount: int, recipient: AccountId) -> None:
        leaving.append(Leaving(asset, amount, decimals(asset), recipient))

    def account(word: bytes) -> AccountId:
        return AccountId.from_raw(sender.chain, word[12:])

    readable = True
    swap = decode_swap(call.data)
    if swap is not None:
        _, amount_in, _, path, recipient, _ = swap
        if amount_in is not None:
            out(AssetId.fungible(sender.chain, AccountId.from_raw(sender.chain, path[0]).address), amount_in, call.to)
        # What is bought may go to somebody else: then it is they who are paid.
        if AccountId.from_raw(sender.chain, recipient) != sender:
            leaving = [
                Leaving(one.asset, one.base_units, one.decimals, AccountId.from_raw(sender.chain, recipient))
                for one in leaving
            ]
    elif not call.data or selector == _DEPOSIT:
        pass
    elif selector == _TRANSFER and len(words) >= 2:
        out(token, int.from_bytes(words[1], "big"), account(words[0]))
    elif selector == _TRANSFER_FROM and len(words) >= 3:
        if account(words[0]) == sender:
            out(token, int.from_bytes(words[2], "big"), account(words[1]))
    elif selector in _ALLOWANCES and len(words) >= 2:
        # A swap's own approval is used up by the swap, which counts by itself.
        if not swapping:
            out(token, int.from_bytes(words[1], "big"), account(words[0]))
    elif selector == _PERMIT2_APPROVE and call.to.raw == PERMIT2 and len(words) >= 4:
        allowed = AssetId.fungible(sender.chain, account(words[0]).address)
        out(allowed, int.from_bytes(words[2], "big"), account(words[1]))
    elif selector == _WITHDRAW and len(words) == 1:
        out(token, int.from_bytes(words[0], "big"), call.to)
    elif selector == _REVOKE_ALL and len(words) >= 2 and not any(words[1]):
        pass
    else:
        readable = False
    return _leaving_only(sender, leaving), readable


def _of_program(
    sender: AccountId, program: ProgramCall, native: int, decimals: _Decimals
) -> tuple[list[Leaving], bool]:
    leaving, readable = [], not program.lookup_tables
    for instruction in program.instructions:
        if (coins := parse_coins(instruction)) is not None:
            source, recipient, lamports = coins
            if source == sender.raw:
                to = AccountId.from_raw(sender.chain, recipient)
                leaving.append(Leaving(AssetId.native(sender.chain), lamports, native, to))
        elif (tokens := parse_tokens(instruction)) is not None:
            if tokens.authority != sender.raw:
                continue
            if tokens.mint is None:
                readable = False
                continue
            asset = AssetId.fungible(sender.chain, AccountId.from_raw(sender.chain, tokens.mint).address)
            # The token account's owner is not named: the rules about recipients see the account itself.
            to = AccountId.from_raw(sender.chain, tokens.destination)
            known = decimals(asset)
            leaving.append(Leaving(asset, tokens.amount, tokens.decimals if known is None else known, to))
    return _leaving_only(sender, leaving), readable
