"""The faucet of the local testnets, reached over HTTP."""

from __future__ import annotations

from typing import Any

import httpx

from primitives import errors
from primitives.account_id import AccountId
from primitives.errors import InsufficientFunds, InvalidValue, LocalnetError, NodeUnavailable, QuanbaoError

_TYPED: dict[str, type[QuanbaoError]] = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, (InvalidValue, InsufficientFunds, LocalnetError))
}


class LocalFaucet:
    """Gives test money; exists only where `quanbao localnet` runs."""

    def __init__(self, control_url: str) -> None:
        self._http = httpx.AsyncClient(base_url=control_url, timeout=30, trust_env=False)

    async def status(self) -> dict[str, Any]:
        """What the testnets say of themselves. Raises NodeUnavailable."""
        return await self._exchange("GET", "/status", None)

    async def give(self, account: AccountId, asset: str, base_units: int, *, idempotency_key: str | None = None) -> str:
        """Send test money and return the transaction's id once it is included.

        Args:
            asset: `native`, `tCNY` or `tUSD`.
            idempotency_key: The same key gives once only.

        Raises:
            InvalidValue, LocalnetError: The faucet refused.
            NodeUnavailable: The testnets do not answer.
        """
        body: dict[str, Any] = {
            "chain": str(account.chain),
            "account": account.address,
            "asset": asset,
            "base_units": str(base_units),
        }
        if idempotency_key is not None:
            body["idempotency_key"] = idempotency_key
        answer = await self._exchange("POST", "/faucet", body)
        return str(answer["transaction_id"])

    async def _exchange(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        try:
            response = await self._http.request(method, path, json=body)
            answer: dict[str, Any] = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise NodeUnavailable("the local testnets do not answer: is `quanbao localnet` running?") from error
        if response.is_success:
            return answer
        kind = _TYPED.get(str(answer.get("code")), LocalnetError)
        raise kind(str(answer.get("message")), **answer.get("facts", {}))

    async def close(self) -> None:
        await self._http.aclose()
