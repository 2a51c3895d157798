"""Announcements of one endpoint that its chain has grown, over the WebSocket that many nodes serve beside HTTP.

Sources: execution-apis `eth_subscribe` (`newHeads`) and EIP-758 for the notifications' form, at the same address;
Solana's JSON-RPC `rootSubscribe`, at the port after the HTTP one where the address names one (Agave serves it there),
else at the same address.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from chains.rpc.endpoint import EndpointSettings, client_tls
from chains.rpc.unusable import Unusable
from primitives.public_address import is_public


@dataclass(frozen=True, slots=True)
class Announcements:
    """What nodes of one family announce: asked for with `method` and `params`, told as `told`."""

    method: str
    params: tuple[str, ...]
    told: str
    next_port: bool = False

    def request(self) -> str:
        return orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": self.method, "params": self.params}).decode()

    def address(self, url: str) -> str:
        """Of the WebSocket that belongs to an HTTP address."""
        parts = urlsplit(url)
        if not self.next_port or parts.port is None:
            return url
        place, _, _ = parts.netloc.rpartition(":")
        return parts._replace(netloc=f"{place}:{parts.port + 1}").geturl()


NEW_BLOCKS = Announcements("eth_subscribe", ("newHeads",), "eth_subscription")
NEW_ROOTS = Announcements("rootSubscribe", (), "rootNotification", next_port=True)
"""Slots that became final."""

_LARGEST_MESSAGE_BYTES = 256 * 1024
_OPEN_SECONDS = 5.0
_HEARTBEAT_SECONDS = 20.0


async def subscribed(
    settings: EndpointSettings, announcements: Announcements, heard: Callable[[], None], *, silence_seconds: float
) -> None:
    """Call `heard` at each announcement until the endpoint ends it, or says nothing for `silence_seconds`.

    What an announcement holds is not looked at. Addresses that are not public are refused for nodes that are not our
    own, as in `chains.rpc.guard`.

    Raises:
        Unusable: It offers no subscription, or it broke off.
    """
    connector = aiohttp.TCPConnector(
        ssl=client_tls(), socket_factory=None if settings.private else _public_only, use_dns_cache=False
    )
    timeout = aiohttp.ClientTimeout(total=None, connect=_OPEN_SECONDS, sock_connect=_OPEN_SECONDS)
    try:
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session:
            async with asyncio.timeout(_OPEN_SECONDS):
                socket_of_node = await session.ws_connect(
                    announcements.address(settings.url),
                    heartbeat=_HEARTBEAT_SECONDS,
                    max_msg_size=_LARGEST_MESSAGE_BYTES,
                )
            async with socket_of_node:
                await socket_of_node.send_str(announcements.request())
                await _listen(socket_of_node, announcements.told, heard, silence_seconds)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        # The text of an error may quote the URL, so only its class is told.
        raise Unusable(type(error).__name__) from None


async def _listen(
    node: aiohttp.ClientWebSocketResponse, wanted: str, heard: Callable[[], None], silence_seconds: float
) -> None:
    while True:
        async with asyncio.timeout(silence_seconds):
            message = await node.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            if message.type is aiohttp.WSMsgType.BINARY:
                continue
            raise Unusable("it ended the subscription")
        told = _parsed(message.data)
        if told.get("id") == 1 and told.get("error") is not None:
            raise Unusable("it offers no subscription")
        if told.get("method") == wanted:
            heard()


def _parsed(text: str) -> dict[str, Any]:
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _public_only(info: Any) -> socket.socket:
    """Judged here is the very address that is connected to, also after a redirect."""
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        raise OSError("an address of a private network")
    return socket.socket(family, kind, protocol)
