"""The ports of the local testnets: the usual ones when free, the same ones again after a restart."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from localnet.processes import free_port, require_free_port
from primitives.errors import PortTaken

_USUAL = {"evm": 8545, "solana": 8899, "control": 8555}


@dataclass(frozen=True, slots=True)
class NodePorts:
    """`solana` + 1 is its WebSocket."""

    evm: int
    solana: int
    control: int


def choose_ports(file: Path, *, others: bool = False) -> NodePorts:
    """Take the remembered or usual ports where they are free, others otherwise, and remember them in `file`.

    Args:
        others: Take neither: somebody was quicker to take them.
    """
    remembered: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    taken: set[int] = set()
    chosen: dict[str, int] = {}
    for name, usual in _USUAL.items():
        width = 2 if name == "solana" else 1
        wishes = [] if others else [remembered.get(name, usual), usual]
        for candidate in [*wishes, *(free_port() for _ in range(50))]:
            wanted = set(range(candidate, candidate + width))
            if not wanted & taken and all(_is_free(port) for port in wanted):
                chosen[name] = candidate
                taken |= wanted
                break
        else:
            raise OSError("no free port was found on the loopback interface")
    ports = NodePorts(**chosen)
    temporary = file.with_suffix(".new")
    temporary.write_text(json.dumps(asdict(ports)))
    temporary.replace(file)
    return ports


def _is_free(port: int) -> bool:
    try:
        require_free_port("127.0.0.1", port)
    except PortTaken:
        return False
    return True
