"""Everything that can be configured, typed, read once at start."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from people.mail.sender import SmtpServer
from primitives.errors import OperationError


def default_data_dir() -> Path:
    """`/var/lib/quanbao` as root, else the XDG data folder."""
    if os.geteuid() == 0:
        return Path("/var/lib/quanbao")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "quanbao"


def default_key_dir() -> Path:
    """`/etc/quanbao/keys` as root, else beneath the XDG configuration folder: never beneath the data folder."""
    if os.geteuid() == 0:
        return Path("/etc/quanbao/keys")
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "quanbao" / "keys"


class Settings(BaseSettings):
    """Read from the environment (`QUANBAO_…`, and `DATABASE_URL`); command-line options win.

    Secrets are never defaults: the operator's key file is made with random content on first start.
    """

    model_config = SettingsConfigDict(env_prefix="QUANBAO_", populate_by_name=True)

    data_dir: Path = Field(default_factory=default_data_dir, description="Database, local testnets, logs.")
    key_dir: Path | None = Field(default=None, description="Operator's key file; mode 0600, never inside data_dir.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8080, ge=1, le=65535)
    database_url: SecretStr | None = Field(
        default=None, validation_alias="DATABASE_URL", description="PostgreSQL; None means the embedded one."
    )
    database_url_file: Path | None = Field(
        default=None, validation_alias="DATABASE_URL_FILE", description="A file that holds the database's URL."
    )
    erasure_dir: Path | None = Field(
        default=None,
        description="Keys whose destruction erases persons, and the journal of it; never in a backup of the rest.",
    )
    public_url: str | None = Field(default=None, description="Where people open the page (`https://pay.example`).")
    tls_certificate: Path | None = Field(default=None, description="PEM file with the certificate chain.")
    tls_key: Path | None = Field(default=None, description="PEM file with the certificate's key; mode 0600.")
    tls_authority: Path | None = Field(default=None, description="PEM file of our own authority, for our own clients.")
    trusted_proxies: str = Field(
        default="127.0.0.1,::1", description="Who may tell a caller's address (X-Forwarded-For): addresses or networks."
    )
    webhook_origins: list[str] = Field(
        default=[],
        description="Receivers of webhooks inside our own network that are allowed (`http://10.0.0.7:9000`); JSON.",
    )
    cors_origins: list[str] = Field(default=[], description="Other sites' pages that may call the API; none.")
    smtp_host: str | None = Field(default=None, description="Mail server; None: `up` on loopback catches mails itself.")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["tls", "starttls", "none"] = Field(
        default="starttls", description="`none` is for a mail server on this machine only."
    )
    smtp_user: str | None = None
    smtp_password_file: Path | None = Field(default=None, description="A file that holds the mail server's password.")
    registration: Literal["by_mail", "at_once"] | None = Field(
        default=None,
        description="How accounts begin: `by_mail` tells nobody who is registered, `at_once` needs no mail. "
        "None: by mail where a mail server is set and the page is served off loopback or under a public address.",
    )
    mail_from: str = Field(default="quanbao@localhost", description="Sender of mails.")
    behind_tls_proxy: bool = Field(
        default=False, description="A proxy in front ends TLS; only then may we listen off loopback."
    )
    evm_rpc_url: str | None = Field(default=None, description="An EVM node; None means the local Anvil.")
    solana_rpc_url: str | None = Field(default=None, description="A Solana node; None means the local one.")
    chains_file: Path | None = Field(
        default=None, description="A TOML file of chains and their nodes (docs/chains.md); instead of the two above."
    )
    localnet_url: str | None = Field(default=None, description="Control address of a `quanbao localnet` elsewhere.")
    evm_block_seconds: float = Field(default=1.0, gt=0, le=60, description="How often the local Anvil makes a block.")
    local_exchange: bool = Field(
        default=False, description="Put Uniswap v2 with pools of test money on the local Anvil (docs/defi.md)."
    )
    demo: bool = Field(default=False, description="Print one-time role links and allow the faucet; loopback only.")
    balance_alarm_below: dict[str, int] = Field(
        default={"eip155": 5 * 10**16, "solana": 10**8},
        description="Base units of the native coin, by chain (CAIP-2) or family, below which a relayer, issuer or "
        "treasury tells its owner; JSON.",
    )
    relayer_top_up_to: dict[str, int] = Field(
        default={},
        description="To how many base units the gas station fills an EVM chain's relayer up once its alarm has rung.",
    )
    gas_budget_campaign: dict[str, int] = Field(
        default={}, description="Base units of fees that others may pay for one campaign, ever, on a chain or family."
    )
    gas_budget_holder: dict[str, int] = Field(default={}, description="The same for one holder's account.")
    policy_delay_seconds: int = Field(
        default=86_400, ge=0, le=30 * 86_400, description="How long a loosening of somebody's rules waits."
    )
    price_file: Path | None = Field(default=None, description="What assets are worth (docs/policy.md); JSON.")
    price_url: str | None = Field(default=None, description="The same document at an HTTPS address.")
    price_max_age_seconds: int = Field(
        default=900, ge=1, le=7 * 86_400, description="Older prices are not used: limits in a currency then refuse."
    )
    page_dir: Path = Field(
        default=Path(__file__).parent.parent / "web/dist", description="The built page; absent, only the API is served."
    )
    log_level: str = "info"
    log_file: Path | None = Field(default=None, description="Append logs to this file; None: standard error.")

    @model_validator(mode="after")
    def _place_keys(self) -> Self:
        if self.key_dir is None:
            standard = self.data_dir == default_data_dir()
            # A data folder of one's own gets its keys beside it, not inside: the database's user owns what is inside.
            self.key_dir = default_key_dir() if standard else self.data_dir.with_name(self.data_dir.name + "-keys")
        if self.erasure_dir is None:
            # Beside the keys, not inside: who copies data and keys for a backup must not copy what erasure destroys.
            self.erasure_dir = self.key_dir.with_name(self.key_dir.name + "-erasure")
        return self

    @model_validator(mode="after")
    def _read_secret_files(self) -> Self:
        if self.database_url is None and self.database_url_file is not None:
            self.database_url = SecretStr(read_secret(self.database_url_file))
        return self

    @property
    def key_file(self) -> Path:
        assert self.key_dir is not None
        return self.key_dir / "operator.key"

    @property
    def attestation_key_file(self) -> Path:
        """Signs what a chain cannot show by itself, in proof bundles."""
        return self.key_file.with_name("attestation.key")

    @property
    def tls(self) -> bool:
        """Whether we end TLS ourselves."""
        return self.tls_certificate is not None and self.tls_key is not None

    @property
    def page_url(self) -> str:
        """Where people open the page, without a slash at the end."""
        if self.public_url is not None:
            return self.public_url.rstrip("/")
        # Browsers take no passkeys for IP addresses.
        return f"{self._scheme}://{'localhost' if self.loopback else self.host}:{self.port}"

    @property
    def served_at(self) -> str:
        """Where we answer, as this start says it: the public address where TLS is ours, else host and port."""
        return self.page_url if self.tls and self.public_url else f"{self._scheme}://{self.host}:{self.port}"

    @property
    def _scheme(self) -> str:
        return "https" if self.tls else "http"

    @property
    def registers_by_mail(self) -> bool:
        """Raises OperationError: mails are wanted, and there is no mail server."""
        if self.registration == "by_mail" and self.smtp_host is None:
            raise OperationError("accounts cannot begin by mail without a mail server: set QUANBAO_SMTP_HOST")
        if self.registration is not None:
            return self.registration == "by_mail"
        return self.smtp_host is not None and not (self.loopback and self.public_url is None)

    @property
    def smtp(self) -> SmtpServer | None:
        """The mail server with its password from the file. Raises OperationError: it cannot be read, or is not safe."""
        if self.smtp_host is None:
            return None
        if self.smtp_security == "none" and self.smtp_host not in _LOOPBACK:
            raise OperationError(
                f"refusing to send mail to {self.smtp_host} without TLS: set QUANBAO_SMTP_SECURITY to starttls or tls"
            )
        password = None if self.smtp_password_file is None else read_secret(self.smtp_password_file)
        return SmtpServer(self.smtp_host, self.smtp_port, self.mail_from, self.smtp_security, self.smtp_user, password)

    def require_safe_address(self) -> None:
        """Raises OperationError when we would listen off loopback without TLS, or with secrets that everybody knows."""
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise OperationError("TLS needs both QUANBAO_TLS_CERTIFICATE and QUANBAO_TLS_KEY")
        if self.loopback:
            return
        if not self.tls and not self.behind_tls_proxy:
            raise OperationError(
                f"refusing to listen on {self.host} without TLS: use 127.0.0.1; or `quanbao up --tls`; or set "
                "QUANBAO_TLS_CERTIFICATE and QUANBAO_TLS_KEY; or put a TLS proxy in front and set "
                "QUANBAO_BEHIND_TLS_PROXY=true",
                host=self.host,
            )
        if self.demo:
            raise OperationError("demo links are for loopback only: leave QUANBAO_DEMO unset", host=self.host)
        self._require_own_secrets()

    def _require_own_secrets(self) -> None:
        if self.database_url is not None:
            parts = urlsplit(self.database_url.get_secret_value())
            password = unquote(parts.password or "")
            by_socket = not parts.hostname
            if not by_socket and (password.lower() in _KNOWN_SECRETS or password == (parts.username or "")):
                raise OperationError(
                    "refusing to serve others with a database password that everybody knows: set another one in "
                    "PostgreSQL and in DATABASE_URL_FILE",
                    host=self.host,
                )
        for file in (self.key_file, self.tls_key):
            if file is not None and file.exists() and file.stat().st_mode & 0o077:
                raise OperationError(f"others can read {file}: chmod 600 {file}", file=str(file))

    @property
    def loopback(self) -> bool:
        return self.host in _LOOPBACK


_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_KNOWN_SECRETS = frozenset(
    {
        "",
        "postgres",
        "password",
        "passwd",
        "secret",
        "changeme",
        "change-me",
        "admin",
        "root",
        "test",
        "quanbao",
        "123456",
    }
)


def read_secret(path: Path) -> str:
    """The one line of a secret's file. Raises OperationError, which names the file and never what is in it."""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise OperationError(f"the secret in {path} cannot be read", file=str(path)) from error
    if not text:
        raise OperationError(f"the file {path} holds no secret", file=str(path))
    return text
