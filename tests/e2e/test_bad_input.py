"""What is wrong is refused with a typed problem that says what to do; nothing is lost, nothing is half-done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.e2e.running import FAMILIES, PASSPHRASE, RECIPIENTS, Payer, RunningUp, good, problem, until
from tests.e2e.shop import cart, open_shop

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("running_up")]

FOREIGN = {"eip155": RECIPIENTS["solana"], "solana": RECIPIENTS["eip155"]}


@pytest.fixture(scope="module", params=FAMILIES)
def payer(running_up: RunningUp, request: pytest.FixtureRequest) -> Payer:
    return Payer(running_up, request.param)


class TestTransfer:
    """Each refusal is the same in the preview and in the act, and leaves balances and payments as they were."""

    @staticmethod
    def refused(payer: Payer, body: Mapping[str, str], status: int, code: str) -> dict[str, Any]:
        before = payer.state()
        problem(payer.person.post("/transfers/preview", body), status, code)
        acted = problem(payer.person.post("/transfers", body), status, code)
        assert payer.state() == before
        return acted

    @pytest.mark.parametrize("recipient", ["nobody", "0x1234", "0x" + "z" * 40, "O0Il" * 11])
    def test_malformed_address(self, payer: Payer, recipient: str) -> None:
        assert self.refused(payer, payer.transfer(recipient=recipient), 422, "invalid_address")["address"]

    def test_wrong_checksum_of_an_evm_address(self, payer: Payer) -> None:
        if payer.chain["family"] == "eip155":
            wrong = payer.recipient.replace("C51812dc", "c51812dc")
            assert wrong != payer.recipient
            self.refused(payer, payer.transfer(recipient=wrong), 422, "invalid_address")

    def test_address_of_the_other_family(self, payer: Payer) -> None:
        foreign = FOREIGN[payer.chain["family"]]
        self.refused(payer, payer.transfer(recipient=foreign), 422, "invalid_address")

    def test_account_of_another_chain(self, payer: Payer) -> None:
        self.refused(payer, payer.transfer(recipient=f"eip155:1:{payer.recipient}"), 422, "invalid_address")

    def test_somebody_elses_account(self, payer: Payer) -> None:
        other = Payer(payer.person.up, payer.chain["family"])
        self.refused(payer, payer.transfer(sender=other.account), 422, "invalid_address")

    def test_too_many_decimals(self, payer: Payer) -> None:
        told = self.refused(payer, payer.transfer(value="0.0000001"), 422, "precision_loss")
        assert told["decimals"] == payer.token["decimals"]

    @pytest.mark.parametrize("value", ["0", "0.000000", "-1", "-0.5"])
    def test_zero_or_negative_amount(self, payer: Payer, value: str) -> None:
        self.refused(payer, payer.transfer(value=value), 422, "amount_not_positive")

    @pytest.mark.parametrize("units", ["-1", "1.5", "1e3", "٣", ""])
    def test_base_units_that_are_no_integer(self, payer: Payer, units: str) -> None:
        before = payer.state()
        body = {**payer.transfer(value=""), "base_units": units}
        told = problem(payer.person.post("/transfers", body), 422, "request_invalid")
        assert told["errors"][0]["loc"] == ["body", "base_units"]
        assert payer.state() == before

    def test_unknown_asset(self, payer: Payer) -> None:
        chain = payer.chain["chain"]
        kind = "erc20" if payer.chain["family"] == "eip155" else "token"
        unknown = f"{chain}/{kind}:{payer.recipient}"
        assert self.refused(payer, payer.transfer(asset=unknown), 422, "unknown_asset")["asset"] == unknown

    def test_asset_of_another_chain(self, payer: Payer) -> None:
        self.refused(payer, payer.transfer(asset="eip155:1/slip44:60"), 422, "unknown_asset")

    def test_unknown_chain(self, payer: Payer) -> None:
        sender = "eip155:56:0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
        self.refused(payer, payer.transfer(sender=sender), 404, "unknown_chain")

    @pytest.mark.parametrize("which", ["token", "native"])
    def test_insufficient_funds_names_both_figures(self, payer: Payer, which: str) -> None:
        asset = payer.token if which == "token" else payer.native
        held = payer.held(asset)
        body = payer.transfer(asset=asset["asset"], value="", base_units=str(held * 3))
        told = self.refused(payer, body, 409, "insufficient_funds")
        assert int(told["needed"]) >= held * 3
        assert int(told["available"]) == held
        assert told["asset"] == asset["asset"]

    def test_the_whole_coin_leaves_nothing_for_the_fee(self, payer: Payer) -> None:
        held = payer.held(payer.native)
        body = payer.transfer(asset=payer.native["asset"], value="", base_units=str(held))
        told = self.refused(payer, body, 409, "insufficient_funds")
        assert int(told["needed"]) > int(told["available"]) == held

    def test_without_unlock(self, payer: Payer) -> None:
        before = payer.state()
        good(payer.person.post("/auth/lock"))
        try:
            problem(payer.person.post("/transfers", payer.transfer()), 423, "keystore_locked")
            assert payer.state() == before
        finally:
            payer.person.unlock()

    def test_a_good_transfer_passes_where_the_bad_were_refused(self, payer: Payer) -> None:
        """Proof that the refusals above are about what was wrong, not about everything."""
        before = payer.held(payer.token)
        made = good(payer.person.post("/transfers", payer.transfer(value="1.5")))
        done = payer.ended(made["id"])
        assert done["status"] == "done", done
        assert payer.held(payer.token) == before - 1_500_000


WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow"
"""A vector of BIP-39: known to everybody."""


class TestWallet:
    def test_wrong_passphrase(self, running_up: RunningUp) -> None:
        person = running_up.newcomer()
        person.unlock()
        good(person.post("/auth/lock"))
        problem(person.post("/auth/unlock", {"passphrase": PASSPHRASE + "!"}), 403, "wrong_passphrase")
        problem(person.post("/wallets", {"label": "Locked"}), 423, "keystore_locked")
        assert good(person.get("/wallets"))["items"] == []
        good(person.post("/auth/unlock", {"passphrase": PASSPHRASE}))

    def test_guessing_is_bounded(self, running_up: RunningUp) -> None:
        person = running_up.newcomer()
        good(person.post("/auth/passphrase", {"passphrase": PASSPHRASE}))
        for _ in range(10):
            problem(person.post("/auth/unlock", {"passphrase": "guess after guess"}), 403, "wrong_passphrase")
        answer = person.post("/auth/unlock", {"passphrase": PASSPHRASE})
        told = problem(answer, 429, "too_many_attempts")
        assert 0 < told["retry_after_seconds"] <= 900
        assert answer.headers["retry-after"] == str(told["retry_after_seconds"])

    def test_unlocking_before_a_passphrase_is_set(self, running_up: RunningUp) -> None:
        problem(running_up.newcomer().post("/auth/unlock", {"passphrase": PASSPHRASE}), 404, "key_not_found")

    @pytest.mark.parametrize(
        ("words", "names"),
        [
            (WORDS.replace("yellow", "legal"), "checksum"),
            (WORDS.replace("sausage", "sausagge"), "6"),
            (WORDS.removesuffix(" yellow"), "11"),
            ("", None),
        ],
        ids=["wrong checksum word", "unknown word", "a word is missing", "nothing"],
    )
    def test_words_that_are_no_mnemonic(self, running_up: RunningUp, words: str, names: str | None) -> None:
        """The place is named, the words never are: an answer may end in a log."""
        person = running_up.newcomer()
        person.unlock()
        answer = person.post("/wallets/import", {"label": "Mine", "mnemonic": words})
        told = problem(answer, 422, "invalid_mnemonic" if names else "request_invalid")
        assert names is None or names in told["detail"]
        assert not set(words.split()) & set(re.findall(r"[a-z]+", answer.text))
        assert good(person.get("/wallets"))["items"] == []

    def test_a_good_mnemonic_is_taken(self, running_up: RunningUp) -> None:
        person = running_up.newcomer()
        person.unlock()
        good(person.post("/wallets/import", {"label": "Mine", "mnemonic": WORDS}))
        assert len(good(person.get("/wallets"))["items"]) == 1


class TestOrder:
    def test_more_than_the_holder_has(self, running_up: RunningUp) -> None:
        """The quote says how much is missing; paying all the same is refused with both figures, and nothing moves.

        With the money the same quote is paid, at a shop that has never launched a campaign.
        """
        payer = Payer(running_up, "eip155")
        _, owner = open_shop(running_up)
        order = good(owner.post("/orders", cart()))["id"]
        quote = good(payer.person.post(f"/orders/{order}/quote", {"account": payer.account}))
        before = payer.state()
        assert quote["short_by"] == str(100_000_000 - before[1])
        told = problem(payer.person.post(f"/orders/{order}/pay", {"quote": quote["id"]}), 409, "insufficient_funds")
        assert (int(told["needed"]), int(told["available"])) == (100_000_000, before[1])
        shown = good(payer.person.get(f"/orders/{order}"))
        assert (shown["order"]["status"], shown["payment"]) == ("open", None)
        assert payer.state() == before

        payer.give(payer.token, 100_000_000)

        def pay() -> dict[str, Any]:
            # Until the shop's new treasury has named the relayer on chain, the chain refuses and the order reopens.
            answer: dict[str, Any] = good(payer.person.get(f"/orders/{order}"))["order"]
            if answer["status"] == "open":
                quoted = good(payer.person.post(f"/orders/{order}/quote", {"account": payer.account}))
                payer.person.post(f"/orders/{order}/pay", {"quote": quoted["id"]})
            return answer

        paid = until("the payment's end", pay, lambda answer: answer["status"] == "paid", seconds=120)
        assert paid["status"] == "paid", paid
        assert payer.held(payer.token) == before[1]
