"""What a person wrote anywhere is readable nowhere: not in the database's files and write-ahead log, not in the logs,
from the first moment on; and after erasing, not with every key that is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.e2e.running import PASSWORD, Person, RunningUp, good, run_async, until
from tests.e2e.secret_search import forms_of, found

pytestmark = [pytest.mark.long, pytest.mark.timeout(400), pytest.mark.xdist_group("running_up")]

RECIPIENT = "0x1111111111111111111111111111111111111111"


class Words:
    """Words that nobody else writes, by what they are said about."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}

    def about(self, what: str) -> str:
        self.said[what] = f"梅 {what} {uuid4().hex}"
        return self.said[what]

    def forms(self) -> Mapping[str, set[bytes]]:
        return {what: forms_of(text.rpartition(" ")[2].encode()) for what, text in self.said.items()}


def _write_everything(person: Person, words: Words) -> None:
    """Leave words wherever a person can."""
    person.unlock()
    chain = person.chains()["eip155"]
    good(_patch(person, "/people/me", {"display_name": words.about("name")}))
    wallet = good(person.post("/wallets", {"label": words.about("wallet")}))["id"]
    made = good(person.post(f"/wallets/{wallet}/accounts", {"chain": chain["chain"], "label": words.about("account")}))
    watched = good(person.post("/wallets/watch", {"label": words.about("watched wallet")}))["id"]
    other = {"network": chain["chain"], "address": RECIPIENT, "label": words.about("watched address")}
    good(person.post(f"/wallets/{watched}/watched", other))
    contact = {
        "account": f"{chain['chain']}:{RECIPIENT}",
        "name": words.about("contact"),
        "note": words.about("contact's note"),
    }
    good(person.post("/address-book", contact))
    good(person.post("/auth/api-keys", {"label": words.about("key"), "scopes": ["orders:read"]}))
    good(person.post("/cases", {"title": words.about("title"), "text": words.about("question")}))
    native = chain["assets"][0]["asset"]
    gift = {"account": made["account"], "asset": native, "base_units": "1000"}
    good(person.post(f"/chains/{chain['chain']}/faucet", gift))
    (entry, *_) = until("the gift is told", lambda: good(person.get("/activity"))["items"])
    good(_put(person, f"/activity/{entry['id']}/note", {"note": words.about("payment's note")}))
    assert [item["id"] for item in good(person.get("/activity", search=words.said["payment's note"]))["items"]] == [
        entry["id"]
    ]
    budget = {"currency": "CNY", "category": words.about("budget"), "month_minor": 5_000}
    good(_put(person, "/spending/budgets", budget))
    frozen = good(person.post("/freezes", {"account": None, "reason": words.about("freeze")}))["id"]
    good(person.post(f"/freezes/{frozen}/ask-release", {"reason": words.about("release")}))


def _patch(person: Person, path: str, body: Any) -> Any:
    with person.up.client(**person.headers) as http:
        return http.patch(path, json=body)


def _put(person: Person, path: str, body: Any) -> Any:
    with person.up.client(**person.headers) as http:
        return http.put(path, json=body)


def _files(up: RunningUp) -> Iterator[tuple[Path, bytes]]:
    """Everything that the installation has written: tables and write-ahead log as well."""
    run_async(_flush(up.postgres_url()))
    for folder in (up.data_dir, up.key_dir, up.erasure_dir):
        for path in sorted(folder.rglob("*")):
            try:
                if path.is_file() and not path.is_symlink():
                    yield path, path.read_bytes()
            except FileNotFoundError:
                continue  # a file of the running database's that is gone again
    yield up.output_file, up.output_file.read_bytes()


async def _flush(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def test_words_are_readable_nowhere_and_go_with_their_person(running_up: RunningUp) -> None:
    words = Words()
    person, planted = running_up.newcomer("erased"), uuid4().hex
    _write_everything(person, words)
    assert len(words.said) >= 14
    # Everything of it is in the person's own copy.
    export = str(good(person.get("/people/me/export")))
    assert [what for what, text in words.said.items() if text not in export] == []
    (running_up.data_dir / "planted.log").write_text(f"said {planted}")
    looked_for = {**words.forms(), "address": forms_of(person.email.encode()), "planted": forms_of(planted.encode())}
    assert found(looked_for, _files(running_up)) == ["planted in planted.log"]
    keys = set(running_up.erasure_dir.rglob("*.key"))
    good(person.post("/people/me/erase", {"password": PASSWORD, "confirm": "erase me"}))
    assert len(keys - set(running_up.erasure_dir.rglob("*.key"))) == 1
    assert found(looked_for, _files(running_up)) == ["planted in planted.log"]
    assert person.get("/people/me/export").status_code == 401
