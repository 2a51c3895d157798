"""Solana's JavaScript libraries work against the local chain unchanged: each scenario of `tests/clients` by name.

One Node process runs all scenarios of a library; what a scenario does stands in its script.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest

from localnet.testing import Localnet
from tests.node_runtime import node_program

_CLIENTS = Path(__file__).parents[2] / "clients"
_SECONDS = 180
_WEB3JS = (
    "airdropAndTransfer",
    "cluster",
    "fees",
    "splTokenLife",
    "wrappedSol",
    "token2022Extensions",
    "couponMint",
    "subscriptions",
    "lookupTables",
    "simulation",
    "history",
    "parsedTokenInstructions",
    "durableNonce",
    "refusals",
)
_KIT = (
    "airdropAndTransfer",
    "cluster",
    "token2022Life",
    "couponMint",
    "subscriptions",
    "blocks",
    "lookupTables",
    "simulation",
    "parsedAccounts",
    "durableNonce",
    "refusals",
)


def _run(script: str, network: Localnet) -> Mapping[str, str | None]:
    command = [str(node_program()), str(_CLIENTS / script), network.solana_url]
    done = subprocess.run(command, cwd=_CLIENTS, capture_output=True, text=True, timeout=_SECONDS)
    results = [orjson.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode == 0, done.stderr[-4000:]
    return {result["scenario"]: result["error"] for result in results}


def _played(script: str, network: Localnet) -> Mapping[str, str | None]:
    """What failed is played once more by a fresh process: on a busy machine the libraries' own sockets and bounds give
    way now and then, and a fault of ours fails both times."""
    results = _run(script, network)
    if not any(results.values()):
        return results
    again = _run(script, network)
    return {
        scenario: f"{error}; and again: {again[scenario]}" if error and again[scenario] else None
        for scenario, error in results.items()
    }


@pytest.fixture(scope="module")
def web3js(network: Localnet) -> Mapping[str, str | None]:
    """@solana/web3.js 1.x with @solana/spl-token."""
    return _played("web3js.mjs", network)


@pytest.fixture(scope="module")
def kit(network: Localnet) -> Mapping[str, str | None]:
    """@solana/kit with @solana-program/*."""
    return _played("kit.mjs", network)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("scenario", _WEB3JS)
def test_web3js(web3js: Mapping[str, str | None], scenario: str) -> None:
    assert web3js[scenario] is None, web3js[scenario]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("scenario", _KIT)
def test_kit(kit: Mapping[str, str | None], scenario: str) -> None:
    assert kit[scenario] is None, kit[scenario]


def test_every_scenario_is_looked_at(web3js: Mapping[str, str | None], kit: Mapping[str, str | None]) -> None:
    """One that is added to a script must be named here."""
    assert (tuple(web3js), tuple(kit)) == (_WEB3JS, _KIT)
