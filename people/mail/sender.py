"""Hand messages to a mail server."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import Protocol

import aiosmtplib

from primitives.errors import MailUnavailable

_PATIENCE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Mail:
    """One message; `text` is plain text."""

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)


class MailSender(Protocol):
    """Takes one message."""

    async def send(self, mail: Mail) -> None:
        """Raises MailUnavailable, which is retryable."""
        ...


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail goes.

    Attributes:
        security: `tls` from the first byte, `starttls`, or `none`, which is for a server on this machine only.
    """

    host: str
    port: int
    sender: str
    security: str = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class SmtpSender:
    """SMTP (RFC 5321) with TLS whose certificate is checked."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    def __repr__(self) -> str:
        return f"SmtpSender({self._server.host}:{self._server.port})"

    async def send(self, mail: Mail) -> None:
        """Raises MailUnavailable: refused, or no answer within 20 seconds. The address is in no error."""
        server = self._server
        secure = server.security != "none"
        try:
            await aiosmtplib.send(
                _message(server.sender, mail),
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                tls_context=ssl.create_default_context() if secure else None,
                timeout=_PATIENCE_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            code = getattr(error, "code", None)
            raise MailUnavailable(
                f"the mail server {server.host} did not take a message ({type(error).__name__}): it is sent again",
                smtp_code=code if isinstance(code, int) else None,
            ) from None


def _message(sender: str, mail: Mail) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message
