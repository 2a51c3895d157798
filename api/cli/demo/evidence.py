"""What the demo tells about each step, as a table for people and as JSON for scripts."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Step:
    """One checked step. Chain fields are read from the chain, not from the API; None where a step touches no chain."""

    act: str
    chain: str | None = None
    tx: str | None = None
    height: int | None = None
    block_hash: str | None = None
    finality: str | None = None
    amount: str | None = None
    fact: str | None = None


class Tale:
    """Collects steps and shows each as it is done."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.steps: list[Step] = []
        self._console = Console(stderr=self.as_json, highlight=False)

    def heading(self, text: str) -> None:
        self._console.print(f"\n[bold]{text}[/]")

    def done(self, step: Step) -> None:
        self.steps.append(step)
        place = f"  [dim]block {step.height}[/]" if step.height is not None else ""
        fact = f"  {step.fact}" if step.fact else ""
        amount = f"  [cyan]{step.amount}[/]" if step.amount else ""
        self._console.print(f"  [green]✓[/] {step.act}{amount}{fact}{place}", soft_wrap=True)

    def close(self, summary: dict[str, Any]) -> None:
        """Print the whole: JSON on standard output, or a table."""
        if self.as_json:
            body = {"steps": [asdict(step) for step in self.steps], **summary}
            sys.stdout.write(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode() + "\n")
            return
        # The widths and one blank between them make 79 columns: a terminal of 80 shows everything.
        table = Table(title="Read back from the chains", title_justify="left", box=None, padding=(0, 1, 0, 0))
        for heading, width in (
            ("act", 29),
            ("chain", 6),
            ("transaction", 11),
            ("block", 6),
            ("finality", 9),
            ("amount", 12),
        ):
            table.add_column(heading, no_wrap=True, width=width, justify="right" if heading == "block" else "left")
        for step in self.steps:
            if step.chain is not None:
                short = f"{step.tx[:6]}…{step.tx[-4:]}" if step.tx else "–"
                family = "Solana" if step.chain.startswith("solana:") else "EVM"
                act = step.act.partition(",")[0]
                table.add_row(act, family, short, str(step.height), step.finality, step.amount or "")
        self._console.print()
        self._console.print(table)
