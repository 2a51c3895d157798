"""Each rule holds where it should, says what it saw, and stays quiet beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bench.risk.acts import Case, Maker
from chains.intent import ContractCall, Intent, ProgramCall, Transfer
from chains.ports import Notice
from codec.evm.envelopes import Authorization
from codec.evm.tokens import call
from codec.solana import token_control
from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.programs import SYSTEM, TOKEN
from codec.solana.token_control import AuthorityType
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.signing import SigningScheme
from wallets.risk.behaviour import History
from wallets.risk.model import Assessment, Finding, Verdict, digest_of, notices_of
from wallets.risk.scoring import intent_findings, payload_findings

CHAIN = ChainId.evm(1)
SOLANA = ChainId("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp")
OWNER = AccountId.from_raw(CHAIN, b"\x01" * 20)
HOLDER = AccountId.from_raw(SOLANA, b"\x01" * 32)
PAID = AccountId.from_raw(CHAIN, b"\xab\x12" + b"\x33" * 16 + b"\xcd\x34")
ALIKE = AccountId.from_raw(CHAIN, b"\xab\x12" + b"\x44" * 16 + b"\xcd\x34")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ETHER = Asset(AssetId.native(CHAIN), "ETH", 18)


def rules(case: Case) -> set[str]:
    return set(case.assess().rules)


def paying(to: AccountId, history: History, *notices: Notice, units: int = 1000) -> Assessment:
    intent = Intent(OWNER, Transfer(Amount(units, ETHER), to))
    return Assessment.of(intent_findings(intent, history, NOW, notices))


def signing(*instructions: Instruction) -> Assessment:
    return Assessment.of(intent_findings(Intent(HOLDER, ProgramCall(instructions)), History(), NOW))


class TestRecipients:
    def test_somebody_paid_before_is_no_finding(self) -> None:
        assert paying(PAID, History(paid_before=True)).findings == ()

    def test_a_stranger_is_a_first_recipient_and_no_more(self) -> None:
        assert paying(ALIKE, History()).rules == ("recipient.first",)

    def test_a_lookalike_names_whom_it_resembles(self) -> None:
        found = paying(ALIKE, History(paid=(PAID,)))
        assert found.rules == ("recipient.first", "recipient.lookalike")
        assert found.findings[1].evidence["resembles"] == PAID.address
        assert found.verdict is Verdict.ALERT

    def test_one_that_had_sent_nothing_before_is_stopped(self) -> None:
        found = paying(ALIKE, History(paid=(PAID,), touched=True))
        assert "recipient.poisoned" in found.rules
        assert found.verdict is Verdict.BLOCKED

    def test_an_own_address_is_imitated_as_well(self) -> None:
        like_own = AccountId.from_raw(CHAIN, OWNER.raw[:2] + b"\x44" * 16 + OWNER.raw[-2:])
        assert "recipient.lookalike" in paying(like_own, History()).rules

    def test_zero_transfers_of_somebody_unlike_are_nothing(self) -> None:
        assert paying(ALIKE, History(touched=True)).rules == ("recipient.first",)


class TestBehaviour:
    def test_counts_begin_at_their_bounds(self) -> None:
        assert "velocity.count" not in paying(PAID, History(paid_before=True, recent=9)).rules
        assert "velocity.count" in paying(PAID, History(paid_before=True, recent=10)).rules
        assert "velocity.recipients" not in paying(PAID, History(paid_before=True, recent_new=3)).rules
        assert "velocity.recipients" in paying(PAID, History(paid_before=True, recent_new=4)).rules

    def test_an_amount_is_unusual_only_after_some_payments(self) -> None:
        learned = History(paid_before=True, largest=10, earlier=3)
        assert "velocity.amount" in paying(PAID, learned, units=201).rules
        assert "velocity.amount" not in paying(PAID, learned, units=200).rules
        assert "velocity.amount" not in paying(PAID, replace(learned, earlier=2), units=201).rules

    def test_a_device_is_new_for_a_day(self) -> None:
        fresh = History(paid_before=True, new_device_at=NOW - timedelta(hours=23))
        assert "device.new" in paying(PAID, fresh).rules
        assert "device.new" not in paying(PAID, replace(fresh, new_device_at=NOW - timedelta(hours=24))).rules

    def test_many_signs_of_a_takeover_freeze(self) -> None:
        history = History(recent=12, recent_new=5, largest=1, earlier=5, new_device_at=NOW)
        assert paying(ALIKE, history).verdict is Verdict.FROZEN


class TestSimulation:
    def test_what_the_simulation_told_weighs(self) -> None:
        found = paying(PAID, History(paid_before=True), Notice("balance_difference", "more leaves"))
        assert found.rules == ("simulation.differs",)
        assert found.verdict is Verdict.ALERT

    def test_a_contract_and_the_token_itself(self) -> None:
        assert paying(PAID, History(paid_before=True), Notice("contract_recipient", "c")).rules == (
            "recipient.contract",
        )
        assert paying(PAID, History(paid_before=True), Notice("recipient_is_token", "t")).rules == (
            "recipient.token_itself",
        )


class TestCalls:
    @pytest.mark.parametrize(
        ("data", "rule"),
        [
            (call("approve(address,uint256)", PAID.address, 2**256 - 1), "approval.unlimited"),
            (call("approve(address,uint256)", PAID.address, 2**255), "approval.unlimited"),
            (call("approve(address,uint256)", PAID.address, 2**255 - 1), None),
            (call("approve(address,uint256)", PAID.address, 0), None),
            (call("increaseAllowance(address,uint256)", PAID.address, 2**256 - 1), "approval.unlimited"),
            (call("setApprovalForAll(address,bool)", PAID.address, True), "approval.all"),
            (call("setApprovalForAll(address,bool)", PAID.address, False), None),
            (
                call("approve(address,address,uint160,uint48)", PAID.address, ALIKE.address, 2**160 - 1, 9),
                "approval.permit2",
            ),
            (call("approve(address,address,uint160,uint48)", PAID.address, ALIKE.address, 5, 9), None),
            (b"\x09\x5e\xa7\xb3" + bytes(31), None),
        ],
    )
    def test_approvals(self, data: bytes, rule: str | None) -> None:
        found = intent_findings(Intent(OWNER, ContractCall(PAID, data)), History(), NOW)
        assert [one.rule for one in found] == ([] if rule is None else [rule])
        assert len(notices_of(found)) == len(found)

    def test_a_delegation_is_found_wherever_it_stands(self) -> None:
        code = Authorization(1, b"\x07" * 20, 1).unsigned()
        scheme = SigningScheme.EVM_AUTHORIZATION
        (finding,) = payload_findings(scheme, code, (), History(), NOW)
        assert (finding.rule, finding.score) == ("delegation.code", 100)
        back = Authorization(1, bytes(20), 1).unsigned()
        assert payload_findings(scheme, back, (), History(), NOW) == ()


class TestSolana:
    def test_an_owner_given_away_freezes_and_one_kept_does_not(self) -> None:
        def owner(new: bytes | None) -> Assessment:
            kind = AuthorityType.ACCOUNT_OWNER
            return signing(token_control.set_authority(TOKEN, b"\x09" * 32, HOLDER.raw, kind, new))

        assert owner(b"\x08" * 32).verdict is Verdict.FROZEN
        assert owner(HOLDER.raw).findings == ()
        assert owner(None).findings == ()

    def test_assign_to_another_program_freezes_and_to_the_system_does_not(self) -> None:
        def assign(program: bytes) -> Assessment:
            data = (1).to_bytes(4, "little") + program
            return signing(Instruction(SYSTEM, (AccountMeta(HOLDER.raw, True, True),), data))

        assert assign(b"\x08" * 32).rules == ("solana.assign",)
        assert assign(b"\x08" * 32).verdict is Verdict.FROZEN
        assert assign(SYSTEM).findings == ()

    def test_an_unknown_program_is_said_to_be_so(self) -> None:
        assert signing(Instruction(b"\x07" * 32, (), b"")).rules == ("solana.unknown_program",)


class TestScore:
    def test_one_rule_counts_once_with_its_weightiest_finding(self) -> None:
        found = Assessment.of([Finding("a", 30, "x"), Finding("a", 45, "y"), Finding("b", 10, "z")])
        assert found.score == 55

    def test_an_overridden_rule_adds_nothing_and_stays_visible(self) -> None:
        found = Assessment.of([Finding("a", 90, "x"), Finding("b", 10, "z")], frozenset({"a", "never"}))
        assert (found.score, found.rules, found.overridden) == (10, ("a", "b"), frozenset({"a"}))

    @pytest.mark.parametrize(
        ("score", "verdict"),
        [
            (0, "passed"),
            (39, "passed"),
            (40, "alert"),
            (79, "alert"),
            (80, "blocked"),
            (99, "blocked"),
            (100, "frozen"),
        ],
    )
    def test_borders(self, score: int, verdict: str) -> None:
        assert Verdict.of(score) == verdict

    def test_equal_acts_have_one_digest_and_others_another(self) -> None:
        one = Intent(OWNER, Transfer(Amount(1, ETHER), PAID))
        assert digest_of(one) == digest_of(Intent.from_json(one.to_json()))
        assert digest_of(one) != digest_of(Intent(OWNER, Transfer(Amount(2, ETHER), PAID)))


def test_every_way_of_taking_is_in_the_simulators_corpus() -> None:
    """Rules that no labelled case ever trips would be measured by nothing."""
    tripped = {rule for case in Maker(3).make(1_500) for rule in rules(case)}
    assert tripped >= {
        "recipient.first",
        "recipient.lookalike",
        "recipient.poisoned",
        "recipient.contract",
        "approval.unlimited",
        "approval.all",
        "approval.permit2",
        "approval.to_person",
        "permit.token",
        "permit.permit2",
        "permit.unlimited",
        "delegation.code",
        "simulation.differs",
        "velocity.count",
        "velocity.recipients",
        "velocity.amount",
        "device.new",
        "solana.owner",
        "solana.authority",
        "solana.assign",
        "solana.nonce",
        "solana.delegate",
        "solana.sweep",
        "solana.unknown_program",
    }
