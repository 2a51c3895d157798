"""Everything that can be configured, typed, read once at start."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    log_level: str = "info"
    log_file: Path | None = Field(default=None, description="Append logs to this file; None: standard error.")

    @model_validator(mode="after")
    def _place_keys(self) -> Self:
        if self.key_dir is None:
            standard = self.data_dir == default_data_dir()
            # A data folder of one's own gets its keys beside it, not inside: the database's user owns what is inside.
            self.key_dir = default_key_dir() if standard else self.data_dir.with_name(self.data_dir.name + "-keys")
        return self

    @model_validator(mode="after")
    def _read_secret_files(self) -> Self:
        if self.database_url is None and self.database_url_file is not None:
            self.database_url = SecretStr(self.database_url_file.read_text().strip())
        return self

    @property
    def key_file(self) -> Path:
        assert self.key_dir is not None
        return self.key_dir / "operator.key"

    @property
    def attestation_key_file(self) -> Path:
        """Signs what a chain cannot show by itself, in proof bundles."""
        return self.key_file.with_name("attestation.key")

    def require_safe_address(self) -> None:
        """Raises OperationError when we would listen off loopback without TLS."""
        if not self.loopback and not self.behind_tls_proxy:
            raise OperationError(
                f"refusing to listen on {self.host} without TLS: use 127.0.0.1, or put a TLS proxy in front and set "
                "QUANBAO_BEHIND_TLS_PROXY=true",
                host=self.host,
            )
        if not self.loopback and self.demo:
            raise OperationError("demo links are for loopback only: leave QUANBAO_DEMO unset", host=self.host)

    @property
    def loopback(self) -> bool:
        return self.host in ("127.0.0.1", "::1", "localhost")
