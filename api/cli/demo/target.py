"""Which installation a demo plays on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson

from api.settings import Settings
from primitives.errors import MissingPart


@dataclass(frozen=True, slots=True)
class DemoTarget:
    """Attributes:
    base: Where the API answers, without path.
    localnet_url: Control address of the local testnets, for reading the chains directly.
    state_file: Credentials of the sample people, and the run under way.
    """

    base: str
    localnet_url: str
    state_file: Path


def state_file(settings: Settings) -> Path:
    """With the operator's key: what is in it opens the sample people's wallets."""
    return settings.key_file.with_name("demo.json")


def localnet_of(settings: Settings) -> str:
    """Where the testnets of a running installation are. Raises MissingPart."""
    if settings.localnet_url is not None:
        return settings.localnet_url
    status = settings.data_dir / "localnet" / "localnet.json"
    if not status.exists():
        raise MissingPart(
            f"no local testnets run in {settings.data_dir}: start them with `quanbao up`, or name the folder with "
            "--data-dir",
            mend="quanbao up",
        )
    url: str = orjson.loads(status.read_bytes())["control_url"]
    return url
