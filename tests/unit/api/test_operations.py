"""Every operation of the API can be called by name from the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli.acts import anything, waiting
from api.cli.acts.long_acts import LONG_ACTS
from api.cli.acts.operations import operations_of
from api.cli.main import app
from primitives.errors import InvalidValue, OperationError

ROOT = Path(__file__).parents[3]
DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
KNOWN = operations_of(DOCUMENT)


def test_every_operation_but_the_stream_has_a_name() -> None:
    drawn = {(m.upper(), path) for path, methods in DOCUMENT["paths"].items() for m in methods}
    assert drawn - {(one.method, one.path) for one in KNOWN.values()} == {("GET", "/api/v1/events")}
    assert len(KNOWN) > 300
    for one in KNOWN.values():
        assert one.about, one.name
        placed = {argument.name for argument in one.arguments if argument.place == "path"}
        assert placed == {part[1:-1] for part in one.path.split("/") if part.startswith("{")}, one.name
        names = [argument.name for argument in one.arguments]
        assert len(names) == len(set(names)), f"{one.name}: a word must mean one thing"


def test_words_become_path_query_and_body() -> None:
    retried = KNOWN["retry-transfer"].request(["transfer_id=a/b"], None)
    assert (retried.method, retried.path, retried.body) == ("POST", "/api/v1/transfers/a%2Fb/retry", None)
    assert KNOWN["retry-transfer"].keyed
    spent = KNOWN["read-spending"].request(["shown_in=USD", "first=2026-05"], None)
    assert (spent.query, spent.body) == ({"shown_in": "USD", "first": "2026-05"}, None)
    budget = KNOWN["put-budget"].request(["currency=CNY", "month_minor=100"], {"zone": "Asia/Shanghai"})
    assert budget.body == {"zone": "Asia/Shanghai", "currency": "CNY", "month_minor": 100}
    refund = KNOWN["refund-order"].request(["order_id=x", "returned=[1,0]", "chargeback=true"], None)
    assert refund.body == {"returned": [1, 0], "chargeback": True}
    sent = KNOWN["create-transfer"].request(["sender=s", "recipient=r", "asset=a", "base_units=15"], None)
    assert sent.body is not None
    assert sent.body["base_units"] == "15", "amounts are texts"
    assert KNOWN["list-cases"].columns[:2] == ("id", "reference")


@pytest.mark.parametrize(
    ("operation", "words", "told"),
    [
        ("retry-transfer", [], "needs transfer_id"),
        ("retry-transfer", ["transfer_id"], "name=value"),
        ("retry-transfer", ["transfer=x"], "takes transfer_id"),
        ("retry-transfer", ["transfer_id=x", "transfer_id=y"], "twice"),
        ("put-budget", ["currency=CNY", "month_minor=much"], "as JSON"),
        ("put-budget", ["currency=CNY"], "needs month_minor"),
    ],
)
def test_what_is_no_request_is_told(operation: str, words: list[str], told: str) -> None:
    with pytest.raises(InvalidValue, match=told):
        KNOWN[operation].request(words, None)


READ_NOWHERE = {
    "approve": "a word, which the act itself goes on with",
    "ask-to-verify-email": "the mail says how to go on",
    "check-in": "a grant is issued when its time comes",
    "create-transfers": "each outcome names a transfer of its own",
    "fund-campaign": "an act among the campaign's",
    "prepare-swap": "waits for a signature from elsewhere",
    "reclaim-escrow": "an act among the campaign's",
    "redeliver-webhook": "a delivery among the webhook's",
    "register": "`next` says how to go on",
    "settle": "a payment of the platform's",
    "test-webhook": "a delivery among the webhook's",
    "transfer-voucher": "the voucher itself shows whose it is",
}
"""Acts that go on after their answer and cannot be followed by one reading."""


def _answer_fields(name: str) -> set[str]:
    drawn = DOCUMENT["paths"][KNOWN[name].path][KNOWN[name].method.lower()]
    (answer,) = [one for status, one in drawn["responses"].items() if status.startswith("2")]
    schema = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return set(DOCUMENT["components"]["schemas"][schema]["properties"])


def test_every_long_act_can_be_waited_for() -> None:
    long = {one.name for one in KNOWN.values() if "202" in DOCUMENT["paths"][one.path][one.method.lower()]["responses"]}
    assert long - set(LONG_ACTS) == set(READ_NOWHERE) & long
    readings = {re.sub(r"{\w+}", "{}", one.path) for one in KNOWN.values() if one.method == "GET"}
    for name, act in LONG_ACTS.items():
        assert name in long, name
        assert "/api/v1" + re.sub(r"{\w+}", "{}", act.path) in readings, name
        given = {argument.name for argument in KNOWN[name].arguments if argument.place == "path"}
        assert set(re.findall(r"{(\w+)}", act.path)) <= given | _answer_fields(name), name


class Api:
    """Answers with what it was asked."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    async def document(self) -> Any:
        return DOCUMENT

    async def call(self, method: str, path: str, query: Any, body: Any = None, *, key: str | None = None) -> Any:
        if path.endswith(".csv"):
            return "a,b\r\n"
        if path.endswith("/activity"):
            page = int(query.get("cursor", 1))
            return {"items": [{"id": str(page)}], "next_cursor": None if page == 3 else str(page + 1)}
        if path.endswith("/issue"):
            return {"id": "7", "status": "requested"}
        return {"items": [{"id": "1", "reference": path}]} if method == "GET" else {"body": body, "keyed": key}

    async def get(self, path: str) -> Any:
        self.steps.append(path)
        return {"id": "7", "status": "in_flight" if len(self.steps) == 1 else "done"}

    async def parts(self, method: str, path: str, query: Any) -> Any:
        yield path.encode()
        if query:
            raise OperationError("broken off")


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    import asyncio

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    api = Api()
    monkeypatch.setattr(waiting, "_EVERY_SECONDS", 0.001)
    for module in (anything, waiting):
        monkeypatch.setattr(module, "ask", lambda act: asyncio.run(act(api)))
    return lambda *words: CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})


def test_acts_are_listed_explained_done_and_completed(shell: Any) -> None:
    listed = shell("acts", "freeze", "--json")
    assert "freeze-account" in [one["act"] for one in json.loads(listed.output)["items"]]
    assert "month_minor" in shell("act", "put-budget", "--explain").output
    done = json.loads(shell("act", "create-order", "currency=CNY", 'lines=[{"sku":"tea"}]', "--json").output)
    assert done["body"] == {"currency": "CNY", "lines": [{"sku": "tea"}]}
    assert len(done["keyed"]) == 32
    assert "/api/v1/cases" in shell("act", "list-cases").output
    assert shell("act", "export-payouts", "first=2026-01-01", "last=2026-01-02").output == "a,b\n"
    assert [name for name, _ in anything._complete("retry-")] == ["retry-refund", "retry-transfer"]
    assert isinstance(shell("act", "no-such").exception, InvalidValue)
    assert isinstance(shell("act", "put-budget", "--body", "[]").exception, InvalidValue)


def test_a_long_act_is_waited_for_and_a_long_list_read_to_its_end(shell: Any, tmp_path: Path) -> None:
    issued = shell("act", "issue-vouchers", "campaign_id=ab", 'holders=["x"]', "--wait", "--json")
    assert json.loads(issued.stdout)["status"] == "done", issued.output
    assert isinstance(shell("act", "list-cases", "--wait").exception, InvalidValue)
    listed = json.loads(shell("act", "list-activity", "--all", "--json").stdout)
    assert ([one["id"] for one in listed["items"]], listed["next_cursor"]) == (["1", "2", "3"], None)

    file = tmp_path / "payouts.csv"
    words = ("act", "export-payouts", "--out", str(file))
    broken = shell(*words, "first=2026-01-01", "last=2026-01-02")
    assert isinstance(broken.exception, OperationError)
    assert not file.exists(), "nothing stays of what broke off"
    saved = shell("act", "list-cases", "--out", str(file))
    assert file.read_text() == "/api/v1/cases"
    assert "13 bytes" in saved.output
    assert isinstance(shell("act", "list-cases", "--out", str(file)).exception, InvalidValue)
    assert isinstance(shell("act", "lock", "--out", str(tmp_path / "x")).exception, InvalidValue)
