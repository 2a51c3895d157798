"""Calls to addresses that people named lead to the outside world only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from people.outbound.guard import MAX_ANSWER_BYTES, OutboundClient, check_url, resolve
from primitives.errors import InvalidValue


class Wire(httpx.AsyncBaseTransport):
    """Remembers where it was connected to."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.called: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.called.append(request)
        return self.answer


async def _nothing() -> AsyncIterator[bytes]:
    yield b""


def _answer(status: int, **headers: str) -> httpx.Response:
    """One whose body is still to be read, as from a wire."""
    return httpx.Response(status, headers=headers, content=_nothing())


def _resolver(*addresses: str) -> object:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


def _client(wire: Wire, *addresses: str) -> OutboundClient:
    return OutboundClient(wire, _resolver(*addresses))  # type: ignore[arg-type]


async def test_it_connects_to_the_address_that_was_judged() -> None:
    wire = Wire(_answer(204))
    assert await _client(wire, "93.184.216.34").post("https://shop.example/hook", b"{}", {}) == 204
    (request,) = wire.called
    assert request.url.host == "93.184.216.34"
    assert request.headers["host"] == "shop.example"
    assert request.extensions["sni_hostname"] == "shop.example"


@pytest.mark.parametrize(
    "addresses",
    [
        (),
        ("127.0.0.1",),
        ("10.0.0.7",),
        ("169.254.169.254",),
        ("100.64.0.1",),
        ("0.0.0.0",),
        ("::1",),
        ("::ffff:127.0.0.1",),
        ("64:ff9b::7f00:1",),
        ("fd00::1",),
        ("224.0.0.1",),
        # IPv4 in wrappings that few know, a network's own translation prefix, and a site-local address.
        ("::127.0.0.1",),
        ("::ffff:0:127.0.0.1",),
        ("64:ff9b:1::a00:1",),
        ("fec0::1",),
        # One good address of several does not help.
        ("93.184.216.34", "192.168.1.1"),
    ],
)
async def test_our_own_network_is_never_called(addresses: tuple[str, ...]) -> None:
    wire = Wire(_answer(204))
    with pytest.raises(InvalidValue):
        await _client(wire, *addresses).post("https://shop.example/hook", b"{}", {})
    assert wire.called == []


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hook",
        "ftp://shop.example",
        "https://",
        "https://user:secret@shop.example/",
        "https://shop.example/#part",
        "https://shop.example:0/",
        "https://shop.example:99999/",
        "https://[::1",
        "javascript:alert(1)",
        "https://shop\n.example/",
        "https://ex\u00e4mple..com/",
        "https://\u2488.com/",
        "https://shop.example/" + "x" * 2000,
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(InvalidValue):
        check_url(url)


async def test_a_name_that_cannot_be_looked_up_resolves_to_nothing() -> None:
    assert await resolve("shop..example", 443) == ()
    assert await resolve("a" * 70 + ".example", 443) == ()


async def test_no_connection_is_used_for_a_second_call() -> None:
    """Its certificate was that of the first call's name; the second name may be another one at the same address."""
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.readuntil(b"{}"):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    client = OutboundClient(trusted=[origin])
    for _ in range(3):
        assert await client.post(origin, b"{}", {}) == 200
    assert connections == 3
    await client.close()
    server.close()


async def test_a_redirect_is_an_answer_and_not_followed() -> None:
    wire = Wire(_answer(302, Location="https://127.0.0.1/"))
    assert await _client(wire, "93.184.216.34").post("https://shop.example/hook", b"{}", {}) == 302
    assert len(wire.called) == 1


async def test_a_giant_answer_is_not_read() -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield bytes(16 * 1024)

    wire = Wire(httpx.Response(200, content=endless()))
    assert await _client(wire, "93.184.216.34").post("https://shop.example/hook", b"{}", {}) == 200
    assert read <= MAX_ANSWER_BYTES // (16 * 1024) + 2
