"""Everything that a local network can be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from primitives.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class LocalnetSettings:
    """Settings of one local network; the data folder belongs to it alone.

    `with_parent` is the id of the process that started it: when that is gone it stops, and at start it gives a
    predecessor whose parent is gone the time to do so.

    A `block_interval` or `slot_interval` of zero stops the clock: only `POST /mine` makes blocks.

    An idle EVM chain makes one block per `heartbeat`, so that `block.timestamp` read by a call is at most that
    old; a transaction is mined at once at the real time, but no sooner than `block_interval` after the block
    before, and two more blocks follow it at that pace, which makes it final. `exchange`: Uniswap v2 and its first
    pools are put on the EVM chain before anybody is served, once. Solana slots advance always (an empty slot costs
    nothing here).
    """

    data_dir: Path
    host: str = "127.0.0.1"
    evm_port: int = 8545
    solana_port: int = 8899
    control_port: int = 8555
    evm_chain_id: int = 31337
    block_interval: timedelta = timedelta(seconds=1)
    heartbeat: timedelta = timedelta(seconds=30)
    slot_interval: timedelta = timedelta(milliseconds=400)
    finality_slots: int = 3
    anvil: Path | None = None
    with_parent: int | None = None
    exchange: bool = False

    def __post_init__(self) -> None:
        for name in ("evm_port", "solana_port", "control_port"):
            port = getattr(self, name)
            # Port S+1 is Solana's WebSocket, so 65535 would leave it none.
            if not 1 <= port <= 65534:
                raise InvalidValue(f"{name} must lie in 1..65534, got {port}", field=name, value=port)
        ports = [self.evm_port, self.solana_port, self.solana_websocket_port, self.control_port]
        if len(set(ports)) != len(ports):
            raise InvalidValue(f"the four ports must differ, got {ports}", field="ports", value=ports)
        if self.evm_chain_id < 1:
            raise InvalidValue("evm_chain_id must be positive", field="evm_chain_id", value=self.evm_chain_id)
        if self.finality_slots < 2:
            raise InvalidValue("finality_slots must be at least 2", field="finality_slots")
        if min(self.block_interval, self.slot_interval) < timedelta(0) or self.heartbeat <= timedelta(0):
            raise InvalidValue("intervals must not be negative and the heartbeat must be positive", field="interval")

    @property
    def solana_websocket_port(self) -> int:
        return self.solana_port + 1

    @property
    def evm_url(self) -> str:
        return f"http://{self.host}:{self.evm_port}"

    @property
    def solana_url(self) -> str:
        return f"http://{self.host}:{self.solana_port}"

    @property
    def solana_websocket_url(self) -> str:
        return f"ws://{self.host}:{self.solana_websocket_port}"

    @property
    def control_url(self) -> str:
        return f"http://{self.host}:{self.control_port}"
