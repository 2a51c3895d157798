"""Whether a chain runs what the voucher book is compiled to: tiny programs that the node executes for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chains.evm.errors import revert_data
from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from primitives.errors import FeatureUnavailable

_ANSWER = 0x2A
_RETURN_FIRST_WORD = "60206000f3"

_PROBES: Mapping[str, str] = {
    # PUSH1 2a · PUSH0 · MSTORE
    "PUSH0": "602a5f52" + _RETURN_FIRST_WORD,
    # PUSH1 2a · PUSH1 01 · TSTORE · PUSH1 01 · TLOAD · PUSH1 00 · MSTORE
    "TSTORE": "602a60015d60015c600052" + _RETURN_FIRST_WORD,
    # PUSH1 2a · PUSH1 20 · MSTORE · MCOPY(0, 0x20, 0x20)
    "MCOPY": "602a602052602060206000" + "5e" + _RETURN_FIRST_WORD,
    # BLOBBASEFEE · ISZERO · ISZERO · PUSH1 2a · MUL · PUSH1 00 · MSTORE: at least one wei, always
    "BLOBBASEFEE": "4a1515602a02600052" + _RETURN_FIRST_WORD,
}
"""Init code for each opcode that puts 0x2a into the first word only if the opcode does what it should.

Sources: EIP-3855 (Shanghai); EIP-1153, EIP-5656 and EIP-7516 (Cancun).
"""

NEEDED = ("PUSH0", "TSTORE", "MCOPY")
"""What the book's code consists of. Some rollups run Cancun without blobs: BLOBBASEFEE is looked at, not asked for."""


@dataclass(frozen=True, slots=True)
class Features:
    """Which of the opcodes the chain executes, by name."""

    opcodes: Mapping[str, bool]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in NEEDED if not self.opcodes[name])

    def require(self) -> None:
        """Raises FeatureUnavailable, naming every opcode that is missing."""
        if self.missing:
            raise FeatureUnavailable(
                f"this chain does not run {', '.join(self.missing)}: the voucher book needs the Cancun hard fork. "
                "Use another chain, or wait until this one upgrades",
                feature="cancun",
                missing=list(self.missing),
            )


async def probe_features(rpc: JsonRpcClient) -> Features:
    """Execute each probe as a contract creation of `eth_call`, which needs neither an account nor money.

    Raises:
        NodeUnavailable: The node does not answer, or refuses `eth_call` for another reason than the code.
    """
    answers = await rpc.settle([("eth_call", [{"data": "0x" + code}, "latest"]) for code in _PROBES.values()])
    found = {}
    for name, answer in zip(_PROBES, answers, strict=True):
        found[name] = not isinstance(answer, NodeRefusal) and _word(answer) == _ANSWER
        if isinstance(answer, NodeRefusal) and not _of_the_code(answer):
            raise FeatureUnavailable(
                f"the node at {rpc.place} does not execute code for us: {answer.text[:200]}. Ask another node",
                feature="eth_call",
            )
    return Features(found)


def _word(answer: object) -> int | None:
    text = str(answer)
    return int(text, 16) if text.startswith("0x") and len(text) == 66 else None


def _of_the_code(refusal: NodeRefusal) -> bool:
    """Whether the node ran into the opcode; go-ethereum and Anvil speak of an invalid or unactivated opcode."""
    text = refusal.text.lower()
    words = ("opcode", "instruction", "not activated", "notactivated", "invalid code", "vm execution error")
    return revert_data(refusal) is not None or any(word in text for word in words)
