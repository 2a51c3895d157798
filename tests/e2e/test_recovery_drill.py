"""The drill of docs/backup.md on the real stack, and the doctor beside live chains."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running import (
    PASSWORD,
    Person,
    RunningUp,
    end_leftovers,
    good,
    own_installation,
    problem,
    run_cli,
    temporary_place,
    until,
)
from tests.e2e.shop import DISCOUNT_MINOR, Shop, whole_shop

pytestmark = [pytest.mark.soak, pytest.mark.timeout(500), pytest.mark.xdist_group("recovery_drill")]


def findings(up: RunningUp) -> dict[str, dict[str, Any]]:
    """What the doctor says, by what it looked at."""
    words = ("doctor", "--json", "--data-dir", str(up.data_dir), "--port", str(up.port))
    _, said = run_cli(*words)
    return {one["what"]: one for one in json.loads(said.strip().splitlines()[-1])}


def logged_in(up: RunningUp, person: Person) -> Person:
    """The same person in a session of the restored installation, unlocked."""
    with up.client() as http:
        opened = good(http.post("/auth/login", json={"email": person.email, "password": PASSWORD}))
    found = replace(person, up=up, token=opened["token"])
    found.unlock()
    return found


def moved_to_an_empty_machine(up: RunningUp, file: Path, place: Path) -> RunningUp:
    """The backup, the copies of the keys, and the chains, which no backup holds and nobody's loss of a machine ends."""
    new = RunningUp(place)
    shutil.copytree(up.key_dir, new.key_dir)
    shutil.copytree(up.erasure_dir, new.erasure_dir)
    code, said = run_cli("restore", str(file), "--data-dir", str(new.data_dir), "--json", seconds=180)
    assert code == 0, said
    # Behind what the log says, the answer.
    assert json.loads(said[f"\n{said}".rindex("\n{\n") :])["accounts_held"] > 5
    shutil.copytree(up.data_dir / "localnet", new.data_dir / "localnet")
    return new


def redeemed(up: RunningUp, shop: Shop, person: Person) -> None:
    """The order of before the backup is paid with the voucher of before the backup."""
    quote = good(person.post(f"/orders/{shop.order}/quote", {"account": shop.holder.account}))
    assert quote["discount"]["minor"] == DISCOUNT_MINOR
    good(person.post(f"/orders/{shop.order}/pay", {"quote": quote["id"]}))
    until(
        "the redemption",
        lambda: good(person.get(f"/orders/{shop.order}"))["order"]["status"],
        lambda status: status == "paid",
        seconds=180,
    )


def test_a_backup_comes_back_on_an_empty_machine_and_redeems(tmp_path: Path) -> None:
    with own_installation() as up:
        up.start()
        shop = whole_shop(up)
        live = findings(up)
        assert live["clock"]["right"], live["clock"]
        assert "eip155:" in live["clock"]["fact"]
        assert "solana:" in live["clock"]["fact"]
        assert live["signing"]["fact"] == "no account is held"
        shop.holder.ended(shop.transfer)

        file = tmp_path / "backup"
        code, said = run_cli("backup", str(file), "--data-dir", str(up.data_dir))
        assert code == 0, said
        after = good(shop.holder.person.post("/transfers", shop.holder.transfer(value="2")))
        assert shop.holder.ended(after["id"])["status"] == "done", "which the backup knows nothing of"
        assert up.stop() == 0

        with temporary_place() as place:
            new = moved_to_an_empty_machine(up, file, place)
            try:
                new.start()
                _restored(new, shop)
            finally:
                if not new.ended():
                    new.stop()
                end_leftovers(new)


def _restored(new: RunningUp, shop: Shop) -> None:
    old = replace(shop.holder.person, up=new)
    assert old.get("/wallets").status_code == 401, "sessions of before the backup end"
    person = logged_in(new, shop.holder.person)
    found = until("what is held", lambda: findings(new)["signing"], lambda one: not one["right"])
    assert shop.holder.account in found["fact"], "it has a transaction that nobody here has asked for"
    problem(person.post("/transfers", shop.holder.transfer()), 503, "lane_halted")

    redeemed(new, shop, person)

    code, said = run_cli("release", shop.holder.account, "--data-dir", str(new.data_dir))
    assert code == 0, said
    sent = good(person.post("/transfers", shop.holder.transfer()))
    until(
        "the transfer",
        lambda: good(person.get(f"/transfers/{sent['id']}"))["status"],
        lambda status: status == "done",
        seconds=120,
    )
