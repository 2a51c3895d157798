"""The local Ethereum node of an installation, asked past the installation."""

from __future__ import annotations

from typing import Any

import httpx

from tests.e2e.running import RunningUp


def node(up: RunningUp, method: str, *parameters: object) -> Any:
    """A call of the local Ethereum node itself."""
    (chain,) = [one for one in up.localnet_status()["chains"] if one["chain"].startswith("eip155:")]
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    answer = httpx.post(chain["rpc_url"], json=body, timeout=30, trust_env=False).json()
    assert "error" not in answer, answer
    return answer["result"]
