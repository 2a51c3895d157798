"""Exchanges over the real transport: what goes wrong on the way is httpx's error of its kind."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from chains.rpc.endpoint import client_tls
from chains.rpc.transport import FastTransport
from tests.fakes.anvil import free_port

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _exchanging(answer: Answer, *, read_seconds: float = 10) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    timeout = httpx.Timeout(10, read=read_seconds)
    async with httpx.AsyncClient(transport=FastTransport(client_tls()), timeout=timeout, trust_env=False) as client:
        yield client, url
    server.close()


def _saying(head: str, body: bytes = b"") -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            asked = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(asked.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
            writer.write(f"HTTP/1.1 {head}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()

    return answer


async def test_answers_come_whole_with_status_and_headers() -> None:
    async with _exchanging(_saying("429 Slow\r\nretry-after: 7", b"later")) as (client, url):
        for _ in range(3):
            answer = await client.post(url, content=b"{}")
            assert (answer.status_code, answer.headers["retry-after"], answer.content) == (429, "7", b"later")


async def test_what_was_packed_is_unpacked_once() -> None:
    packed = gzip.compress(b"[1, 2]")
    async with _exchanging(_saying("200 OK\r\ncontent-encoding: gzip", packed)) as (client, url):
        assert (await client.post(url, content=b"{}")).json() == [1, 2]


async def test_redirects_are_not_followed() -> None:
    async with _exchanging(_saying("302 Found\r\nlocation: http://127.0.0.1:1/")) as (client, url):
        assert (await client.post(url, content=b"{}")).status_code == 302


async def test_nobody_listens() -> None:
    async with httpx.AsyncClient(transport=FastTransport(client_tls()), trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.post(f"http://127.0.0.1:{free_port()}/", content=b"{}")


async def test_silence_is_a_timeout() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with _exchanging(silent, read_seconds=0.1) as (client, url):
        with pytest.raises(httpx.ReadTimeout):
            await client.post(url, content=b"{}")


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort", b"no http at all\r\n\r\n"])
async def test_a_connection_that_breaks_off_is_a_transport_error(said: bytes) -> None:
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()

    async with _exchanging(broken) as (client, url):
        with pytest.raises(httpx.TransportError):
            await client.post(url, content=b"{}")
