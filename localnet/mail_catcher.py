"""A mail server of a development installation: takes every message, sends none, and keeps the last in memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.policy import default

_KEPT = 50
_MOST_BYTES = 1 << 20
_PATIENCE_SECONDS = 30.0


class MailCatcher:
    """Speaks as much SMTP (RFC 5321 §4.5.1) as one client on this machine needs."""

    def __init__(self) -> None:
        self._mails: deque[tuple[str, str, str]] = deque(maxlen=_KEPT)
        self.port = 0

    def __repr__(self) -> str:
        return f"MailCatcher({len(self._mails)} mails)"

    def caught(self) -> Sequence[tuple[str, str, str]]:
        """Recipient, subject and text, newest first."""
        return list(reversed(self._mails))

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[MailCatcher]:
        """Take mails on a free port of the loopback interface while the block runs."""
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0, limit=_MOST_BYTES)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._serve(reader, writer)
        except (TimeoutError, ConnectionError, ValueError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipients: list[str] = []
        writer.write(b"220 catcher\r\n")
        while line := await reader.readline():
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            match verb.upper():
                case "EHLO" | "HELO":
                    writer.write(b"250-catcher\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n")
                case "MAIL" | "RSET":
                    recipients.clear()
                    writer.write(b"250 ok\r\n")
                case "RCPT":
                    recipients.append(rest.partition(":")[2].strip().split(">")[0].lstrip("<"))
                    writer.write(b"250 ok\r\n")
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    self._keep(recipients, await _message(reader))
                    writer.write(b"250 caught\r\n")
                case "NOOP":
                    writer.write(b"250 ok\r\n")
                case "QUIT":
                    writer.write(b"221 bye\r\n")
                    return
                case _:
                    writer.write(b"502 not known here\r\n")
            await writer.drain()

    def _keep(self, recipients: Sequence[str], raw: bytes) -> None:
        message = message_from_bytes(raw, policy=default)
        body = message.get_body(("plain",))
        text = "" if body is None else body.get_content()
        for recipient in recipients:
            self._mails.append((recipient, str(message["Subject"]), text))


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Until the lonely dot (RFC 5321 §4.5.2). Raises ValueError: above 1 MiB."""
    lines: list[bytes] = []
    size = 0
    while (line := await reader.readline()) not in (b".\r\n", b""):
        size += len(line)
        if size > _MOST_BYTES:
            raise ValueError("too large")
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)
