"""Gas per voucher: ours, as the committed snapshot has it, beside what shops use today, measured now."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

from bench.gas.acts import Cost, measure
from bench.gas.chain import running_chain
from bench.gas.compiled import peers
from primitives.errors import MissingPart

SNAPSHOTS = Path(__file__).resolve().parents[2] / "contracts" / "evm" / "snapshots"
OURS = "Quanbao VoucherBook"
_COUNT = re.compile(r"^\w+ (?:of )?(\d[\d,]*)\b")
_WORDS = {"two": 2, "three": 3, "five": 5, "ten": 10}


@dataclass(frozen=True, slots=True)
class GasReport:
    """Costs of whole transactions, ours and the peers'."""

    title: str
    costs: tuple[Cost, ...]
    remarks: tuple[str, ...]

    def to_json(self) -> bytes:
        rows = [asdict(cost) | {"each": round(cost.each)} for cost in self.costs]
        document = {"title": self.title, "costs": rows, "remarks": list(self.remarks)}
        return orjson.dumps(document, option=orjson.OPT_INDENT_2)

    def show(self, console: Console) -> None:
        table = Table(title=self.title, title_justify="left")
        table.add_column("contract")
        table.add_column("act")
        for heading in ("gas", "gas per voucher"):
            table.add_column(heading, justify="right")
        before = None
        for cost in self.costs:
            mark = "" if cost.fits else " †"
            name = "" if cost.peer == before else cost.peer
            table.add_row(name, cost.act, f"{cost.gas:,}{mark}", f"{cost.each:,.0f}")
            before = cost.peer
        console.print(table)
        for remark in self.remarks:
            console.print(f"  {remark}", style="dim")


def run(*, smoke: bool) -> list[GasReport]:
    """Measure the peers on a node of their own and read our snapshot.

    Raises:
        MissingPart: The peers' packages, Anvil or the compiler are not installed, or the snapshot is missing.
    """
    ours = own_costs(SNAPSHOTS)
    found = peers()

    async def measured() -> Sequence[Cost]:
        async with running_chain() as chain:
            return await measure(chain, found, many=20 if smoke else 1000)

    theirs = asyncio.run(measured())
    remarks = (
        "Whole transactions: 21,000, calldata and refunds included; every holder is new to the contract.",
        "Ours: contracts/evm/snapshots, of the committed bytecode, ERC-1271 on, by `make contracts-test`.",
        "Theirs: solc 0.8.37, optimiser 1,000 runs; Unlock as published. Wrappers: bench/gas/src.",
        "† above 16,777,216 gas: no chain with EIP-7825 takes it in one transaction.",
    )
    return [GasReport("Gas", (*ours, *theirs), remarks)]


def own_costs(folder: Path) -> list[Cost]:
    """Our committed figures, in their order.

    Raises:
        MissingPart: There are none.
    """
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.json")):
        told: Mapping[str, str] = json.loads(path.read_bytes())
        found.update(told)
    if not found:
        raise MissingPart(f"there is no gas snapshot in {folder}", mend="git checkout -- contracts/evm/snapshots")
    return [Cost(OURS, name, int(gas), vouchers_in(name)) for name, gas in found.items()]


def vouchers_in(name: str) -> int:
    """How many vouchers an act is about, as its name tells: `issue 1,000`, `redeem, three vouchers`; else one."""
    words = [count for word, count in _WORDS.items() if re.search(rf"\b{word}\b", name)]
    numbers = [int(number.replace(",", "")) for number in _COUNT.findall(name)]
    return (words or numbers or [1])[0] or 1
