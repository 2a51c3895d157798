"""Labelled acts that are about to be signed: what honest people do, and what thieves have them sign.

Seeded and made up: the figures say how the rules answer this mix, which holds hard cases of both kinds on purpose
(honest approvals without limit and payrolls to strangers; drains by exact approvals, exact permits and patience), and
not how often crime happens.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chains.intent import ContractCall, Intent, ProgramCall, Transfer
from chains.ports import Notice
from codec.evm.envelopes import Authorization
from codec.evm.tokens import PERMIT2, UNLIMITED, UNLIMITED_PERMIT2, call
from codec.solana import nonce, system, token, token_control
from codec.solana.associated_token import create_associated_token
from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.programs import SYSTEM, TOKEN
from codec.solana.token_control import AuthorityType
from primitives.account_id import AccountId, checksum_address
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.signing import SigningScheme
from wallets.risk.behaviour import History
from wallets.risk.model import Assessment
from wallets.risk.scoring import intent_findings, payload_findings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_EVM = ChainId.evm(1)
_SOLANA = ChainId("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp")
_ETHER = Asset(AssetId.native(_EVM), "ETH", 18)
_MINUTES, _MONTHS = 900, 90 * 86_400


@dataclass(frozen=True, slots=True)
class Case:
    """One act: a payment, or bytes to be signed; `malicious` is its label, `kind` where it comes from."""

    kind: str
    malicious: bool
    intent: Intent | None = None
    payload: tuple[SigningScheme, bytes] | None = None
    history: History = field(default_factory=History)
    notices: tuple[Notice, ...] = ()

    def assess(self) -> Assessment:
        """What the rules say."""
        if self.payload is not None:
            scheme, payload = self.payload
            found = payload_findings(scheme, payload, {_victim_of(scheme).address}, self.history, NOW)
        else:
            assert self.intent is not None
            found = intent_findings(self.intent, self.history, NOW, self.notices)
        return Assessment.of(found)


class Maker:
    """Makes cases with one source of chance."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._friends = [self._stranger() for _ in range(20)]

    def make(self, count: int, *, malicious_percent: int = 30) -> list[Case]:
        """So many cases, in no order; kinds with their weights."""
        cases = []
        for _ in range(count):
            kinds = _MALICIOUS if self._random.randrange(100) < malicious_percent else _BENIGN
            (make,) = self._random.choices([one for one, _ in kinds], [weight for _, weight in kinds])
            cases.append(make(self))
        return cases

    def _stranger(self) -> AccountId:
        return AccountId.from_raw(_EVM, self._random.randbytes(20))

    def _friend(self) -> AccountId:
        return self._random.choice(self._friends)

    def _pay(self, to: AccountId, units: int | None = None) -> Intent:
        return Intent(_VICTIM, Transfer(Amount(units or self._random.randrange(10**15, 10**18), _ETHER), to))

    def _call(self, data: bytes) -> Intent:
        return Intent(_VICTIM, ContractCall(self._stranger(), data))

    def _program(self, *instructions: Instruction) -> Intent:
        return Intent(_SOLANA_VICTIM, ProgramCall(instructions))

    def _near(self, original: AccountId) -> AccountId:
        raw = original.raw
        return AccountId.from_raw(_EVM, raw[:2] + self._random.randbytes(16) + raw[-2:])

    def _key(self) -> bytes:
        return self._random.randbytes(32)

    # What honest people do.

    def to_friend(self) -> Case:
        history = History(paid_before=True, recent=self._random.randrange(4), largest=10**18, earlier=8)
        return Case("transfer to somebody paid before", False, self._pay(self._friend()), history=history)

    def to_stranger(self) -> Case:
        history = History(paid=tuple(self._friends), largest=10**18, earlier=8)
        return Case("transfer to somebody new", False, self._pay(self._stranger()), history=history)

    def to_contract(self) -> Case:
        notice = Notice("contract_recipient", "a contract")
        return Case("deposit at a contract", False, self._pay(self._stranger()), notices=(notice,))

    def payroll(self) -> Case:
        history = History(paid_before=True, recent=self._random.randrange(10, 40))
        return Case("one of many wages", False, self._pay(self._friend()), history=history)

    def payroll_to_strangers(self) -> Case:
        history = History(recent=self._random.randrange(10, 40), recent_new=self._random.randrange(4, 30))
        return Case("one of many wages to new staff", False, self._pay(self._stranger()), history=history)

    def big_to_friend(self) -> Case:
        history = History(paid_before=True, largest=10**15, earlier=9)
        return Case("a house", False, self._pay(self._friend(), 10**18), history=history)

    def after_new_phone(self) -> Case:
        first = self._random.random() < 0.4
        history = History(paid_before=not first, new_device_at=NOW - timedelta(hours=3))
        to = self._stranger() if first else self._friend()
        return Case("transfer from a new phone", False, self._pay(to), history=history)

    def exact_approval(self) -> Case:
        data = call("approve(address,uint256)", self._stranger().address, self._random.randrange(10**18))
        return Case("exact approval", False, self._call(data))

    def honest_unlimited(self) -> Case:
        data = call("approve(address,uint256)", self._stranger().address, UNLIMITED)
        return Case("approval without limit for an honest exchange", False, self._call(data))

    def honest_permit(self) -> Case:
        return self._permit("permit for one act", False, self._random.randrange(10**18), _MINUTES)

    def revoke(self) -> Case:
        data = call("setApprovalForAll(address,bool)", self._stranger().address, False)
        return Case("approval taken back", False, self._call(data))

    def undelegate(self) -> Case:
        payload = Authorization(1, bytes(20), 7).unsigned()
        return Case("borrowed code given back", False, payload=(SigningScheme.EVM_AUTHORIZATION, payload))

    def solana_pay(self) -> Case:
        mint, to = self._key(), self._key()
        made = create_associated_token(_SOLANA_VICTIM.raw, to, mint, TOKEN)
        moved = token.transfer(TOKEN, self._key(), mint, self._key(), _SOLANA_VICTIM.raw, 5, 6)
        return Case("Solana: token payment", False, self._program(made, moved))

    def solana_close_own(self) -> Case:
        closed = token_control.close_account(TOKEN, self._key(), _SOLANA_VICTIM.raw, _SOLANA_VICTIM.raw)
        return Case("Solana: own token account closed", False, self._program(closed))

    def solana_exchange(self) -> Case:
        swap = Instruction(self._key(), (AccountMeta(_SOLANA_VICTIM.raw, True, True),), b"\x09")
        return Case("Solana: swap by a program not known here", False, self._program(swap))

    def solana_own_nonce(self) -> Case:
        account = nonce.nonce_address(_SOLANA_VICTIM.raw, 0)
        advance = nonce.advance_nonce(account, _SOLANA_VICTIM.raw)
        moved = system.transfer(_SOLANA_VICTIM.raw, self._key(), 5_000)
        return Case("Solana: own durable nonce", False, self._program(advance, moved))

    # What thieves have people sign, or sign in their name.

    def poisoned(self) -> Case:
        friend = self._friend()
        history = History(paid=(friend,), touched=True)
        return Case("poisoned address", True, self._pay(self._near(friend)), history=history)

    def lookalike(self) -> Case:
        friend = self._friend()
        return Case("look-alike address", True, self._pay(self._near(friend)), history=History(paid=(friend,)))

    def drainer_approval(self) -> Case:
        data = call("approve(address,uint256)", self._stranger().address, UNLIMITED)
        return Case("approval without limit", True, self._call(data))

    def drainer_increase(self) -> Case:
        data = call("increaseAllowance(address,uint256)", self._stranger().address, UNLIMITED)
        return Case("allowance raised without limit", True, self._call(data))

    def exact_drain(self) -> Case:
        """An approval of exactly what is held: only the spender tells, where it is no contract."""
        notice = Notice("spender_without_code", "a person's account")
        notices = (notice,) if self._random.random() < 0.5 else ()
        data = call("approve(address,uint256)", self._stranger().address, 10**18)
        return Case("approval of all that is held", True, self._call(data), notices=notices)

    def collection(self) -> Case:
        data = call("setApprovalForAll(address,bool)", self._stranger().address, True)
        return Case("operator of a whole collection", True, self._call(data))

    def permit2_approval(self) -> Case:
        signature = "approve(address,address,uint160,uint48)"
        to = self._stranger().address
        data = call(signature, self._stranger().address, to, UNLIMITED_PERMIT2, 2**48 - 1)
        return Case("Permit2 without limit", True, self._call(data))

    def permit(self) -> Case:
        return self._permit("permit without limit", True, UNLIMITED, _MONTHS)

    def exact_permit(self) -> Case:
        return self._permit("permit of all that is held, for minutes", True, 10**18, _MINUTES)

    def permit2_batch(self) -> Case:
        return self._permit2("Permit2 over several tokens", True, UNLIMITED_PERMIT2, _MONTHS)

    def delegation(self) -> Case:
        payload = Authorization(1, self._random.randbytes(20), 7).unsigned()
        return Case("borrowed code of a sweeper", True, payload=(SigningScheme.EVM_AUTHORIZATION, payload))

    def hidden_loss(self) -> Case:
        notice = Notice("balance_difference", "more than was asked for")
        return Case("call that takes more than it says", True, self._call(b"\x12\x34\x56\x78"), notices=(notice,))

    def takeover(self) -> Case:
        history = History(
            recent=self._random.randrange(10, 20),
            recent_new=self._random.randrange(4, 10),
            largest=10**15,
            earlier=9,
            new_device_at=NOW - timedelta(minutes=20),
        )
        return Case("taken over: everything goes at once", True, self._pay(self._stranger(), 10**18), history=history)

    def patient_takeover(self) -> Case:
        history = History(largest=10**18, earlier=9, new_device_at=NOW - timedelta(hours=2))
        return Case("taken over: one usual amount", True, self._pay(self._stranger(), 10**17), history=history)

    def bold_takeover(self) -> Case:
        history = History(largest=10**15, earlier=9, new_device_at=NOW - timedelta(hours=2))
        return Case("taken over: one large amount", True, self._pay(self._stranger(), 10**18), history=history)

    def solana_owner(self) -> Case:
        taken = token_control.set_authority(
            TOKEN, self._key(), _SOLANA_VICTIM.raw, AuthorityType.ACCOUNT_OWNER, self._key()
        )
        return Case("Solana: owner of a token account", True, self._program(taken))

    def solana_closer(self) -> Case:
        taken = token_control.set_authority(
            TOKEN, self._key(), _SOLANA_VICTIM.raw, AuthorityType.CLOSE_ACCOUNT, self._key()
        )
        return Case("Solana: who may close an account", True, self._program(taken))

    def solana_assign(self) -> Case:
        data = (1).to_bytes(4, "little") + self._key()
        assign = Instruction(SYSTEM, (AccountMeta(_SOLANA_VICTIM.raw, True, True),), data)
        return Case("Solana: wallet assigned to a program", True, self._program(assign))

    def solana_delegate(self) -> Case:
        amount = self._random.choice((2**64 - 1, 10**9))
        given = token.approve(TOKEN, self._key(), self._key(), self._key(), _SOLANA_VICTIM.raw, amount, 6)
        return Case("Solana: delegate", True, self._program(given))

    def solana_sweep(self) -> Case:
        moves = [
            token.transfer(TOKEN, self._key(), self._key(), self._key(), _SOLANA_VICTIM.raw, 10**9, 6)
            for _ in range(self._random.randrange(3, 7))
        ]
        return Case("Solana: everything in one transaction", True, self._program(*moves))

    def solana_nonce(self) -> Case:
        advance = nonce.advance_nonce(self._key(), self._key())
        moved = system.transfer(_SOLANA_VICTIM.raw, self._key(), 10**9)
        return Case("Solana: somebody else's durable nonce", True, self._program(advance, moved))

    def _permit(self, kind: str, malicious: bool, amount: int, seconds: int) -> Case:
        message = {
            "owner": _VICTIM.address,
            "spender": self._stranger().address,
            "value": str(amount),
            "nonce": "0",
            "deadline": str(int(NOW.timestamp()) + seconds),
        }
        names = (("owner", "address"), ("spender", "address"), ("value", "uint256"), ("nonce", "uint256"))
        fields = [*names, ("deadline", "uint256")]
        return _document(kind, malicious, "Permit", {"Permit": fields}, message, self._stranger().address)

    def _permit2(self, kind: str, malicious: bool, amount: int, seconds: int) -> Case:
        until = str(int(NOW.timestamp()) + seconds)
        details = [
            {"token": self._stranger().address, "amount": str(amount), "expiration": until, "nonce": "0"}
            for _ in range(3)
        ]
        types = {
            "PermitDetails": [
                ("token", "address"),
                ("amount", "uint160"),
                ("expiration", "uint48"),
                ("nonce", "uint48"),
            ],
            "PermitBatch": [("details", "PermitDetails[]"), ("spender", "address"), ("sigDeadline", "uint256")],
        }
        message = {"details": details, "spender": self._stranger().address, "sigDeadline": until}
        return _document(kind, malicious, "PermitBatch", types, message, checksum_address(PERMIT2))


def _document(
    kind: str,
    malicious: bool,
    primary: str,
    types: dict[str, list[tuple[str, str]]],
    message: object,
    contract: str,
) -> Case:
    domain = [("name", "string"), ("chainId", "uint256"), ("verifyingContract", "address")]
    document = {
        "types": {
            name: [{"name": field, "type": told} for field, told in fields]
            for name, fields in {"EIP712Domain": domain, **types}.items()
        },
        "primaryType": primary,
        "domain": {"name": "token", "chainId": 1, "verifyingContract": contract},
        "message": message,
    }
    return Case(kind, malicious, payload=(SigningScheme.EVM_TYPED_DATA, json.dumps(document).encode()))


_VICTIM = AccountId.from_raw(_EVM, bytes(range(1, 21)))
_SOLANA_VICTIM = AccountId.from_raw(_SOLANA, bytes(range(1, 33)))


def _victim_of(scheme: SigningScheme) -> AccountId:
    return _SOLANA_VICTIM if scheme is SigningScheme.SOLANA_MESSAGE else _VICTIM


_Kinds = Sequence[tuple[Callable[[Maker], Case], int]]
_BENIGN: _Kinds = (
    (Maker.to_friend, 35),
    (Maker.to_stranger, 15),
    (Maker.to_contract, 5),
    (Maker.payroll, 4),
    (Maker.payroll_to_strangers, 1),
    (Maker.big_to_friend, 1),
    (Maker.after_new_phone, 4),
    (Maker.exact_approval, 8),
    (Maker.honest_unlimited, 2),
    (Maker.honest_permit, 6),
    (Maker.revoke, 2),
    (Maker.undelegate, 1),
    (Maker.solana_pay, 8),
    (Maker.solana_close_own, 2),
    (Maker.solana_exchange, 4),
    (Maker.solana_own_nonce, 1),
)
_MALICIOUS: _Kinds = (
    (Maker.poisoned, 14),
    (Maker.lookalike, 6),
    (Maker.drainer_approval, 12),
    (Maker.drainer_increase, 4),
    (Maker.exact_drain, 4),
    (Maker.collection, 6),
    (Maker.permit2_approval, 4),
    (Maker.permit, 8),
    (Maker.exact_permit, 3),
    (Maker.permit2_batch, 5),
    (Maker.delegation, 6),
    (Maker.hidden_loss, 4),
    (Maker.takeover, 4),
    (Maker.patient_takeover, 3),
    (Maker.bold_takeover, 3),
    (Maker.solana_owner, 4),
    (Maker.solana_closer, 2),
    (Maker.solana_assign, 4),
    (Maker.solana_delegate, 4),
    (Maker.solana_sweep, 5),
    (Maker.solana_nonce, 3),
)
