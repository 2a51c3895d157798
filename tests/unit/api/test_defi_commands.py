"""`quanbao wallet …` for swaps and approvals: each command asks its route, with a body that its schema takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from api.cli.acts import wallet, wallet_defi
from api.schemas.assets import ApprovalRequest, RevocationRequest
from api.schemas.swaps import SwapRequest, WrapRequest

ME = "eip155:1:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
COIN, TOKEN = "eip155:1/slip44:60", "eip155:1/erc20:0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any, str | None]]:
    found: list[tuple[str, Any, str | None]] = []

    class Recorder:
        async def get(self, path: str, **query: str) -> Any:
            found.append((path, query, None))
            return {"items": []}

        async def post(self, path: str, body: Any, *, key: str | None = None) -> Any:
            found.append((path, body, key))
            return {"id": "one"}

    def ask(act: Callable[[Any], Any]) -> Any:
        async def run() -> Any:
            return await act(Recorder())

        return asyncio.run(run())

    monkeypatch.setattr(wallet_defi, "ask", ask)
    return found


@pytest.mark.parametrize(
    ("arguments", "path", "schema"),
    [
        (["swap", ME, COIN, TOKEN, "1.5", "--slippage", "30", "--accept", "price_impact"], "/swaps", SwapRequest),
        (["swap", ME, COIN, TOKEN, "1.5", "--preview"], "/swaps/preview", SwapRequest),
        (["wrap", ME, "2"], "/swaps/wrap", WrapRequest),
        (["unwrap", ME, "2", "--idempotency-key", "k"], "/swaps/unwrap", WrapRequest),
        (["swap-status", "one"], "/swaps/one", None),
        (["holdings", ME], "/holdings", None),
        (["approvals", ME], "/token-approvals", None),
        (["approve", ME, ME, ME, "--base-units", "5"], "/token-approvals", ApprovalRequest),
        (["approve", ME, ME, ME, "--unlimited", "--accept", "unlimited_approval"], "/token-approvals", ApprovalRequest),
        (["revoke", ME, ME, "--kind", "permit2", "--token", ME], "/token-approvals/revoke", RevocationRequest),
    ],
)
def test_each_command_asks_its_route(
    asked: list[tuple[str, Any, str | None]], arguments: list[str], path: str, schema: type[BaseModel] | None
) -> None:
    ran = CliRunner().invoke(wallet.app, arguments)
    assert ran.exit_code == 0, ran.output
    ((told, body, key),) = asked
    assert told == path
    if schema is not None:
        assert schema.model_validate(body)
        assert (key is None) is ("--preview" in arguments)
    if "--accept" in arguments:
        assert body["accept_warnings"] == [arguments[-1]]
