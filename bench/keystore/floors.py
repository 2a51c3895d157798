"""What a benchmark must reach, said beside what it reached."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bench.measure import Report


@dataclass(frozen=True, slots=True)
class Floor:
    """`ours` must be at least `least` times as fast as `other`, both medians of one run."""

    ours: str
    other: str
    least: float


def with_floors(report: Report, floors: list[Floor]) -> Report:
    """The report with a remark for each floor whose cases were measured."""
    median = {result.name: result.median for result in report.results}
    remarks = [
        _remark(floor, median[floor.ours] / median[floor.other])
        for floor in floors
        if floor.ours in median and floor.other in median
    ]
    return replace(report, remarks=(*report.remarks, *remarks))


def _remark(floor: Floor, reached: float) -> str:
    verdict = "reached" if reached >= floor.least else "NOT REACHED"
    return f"floor: {floor.ours} ≥ {floor.least:g} × {floor.other}: {reached:.2f} ({verdict})"
