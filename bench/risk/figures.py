"""How often the rules are right on labelled acts and flows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bench.risk.acts import Maker
from bench.risk.flows import TownMaker, named
from vouchers.fraud.patterns import find
from wallets.risk.model import Verdict


@dataclass(slots=True)
class Figures:
    """Counts of what was labelled and what was told."""

    hit: int = 0
    missed: int = 0
    false: int = 0
    left_alone: int = 0
    stopped_honest: int = 0
    """Honest acts that were blocked or frozen, which is worse than a needless alert."""
    missed_kinds: Counter[str] = field(default_factory=Counter)
    false_kinds: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        """Of what was told, the part that was right."""
        return self.hit / max(1, self.hit + self.false)

    @property
    def recall(self) -> float:
        """Of what was wrong, the part that was told."""
        return self.hit / max(1, self.hit + self.missed)

    def told(self) -> str:
        """One line."""
        return (
            f"precision {self.precision:.3f}, recall {self.recall:.3f} ({self.hit} found, {self.missed} missed, "
            f"{self.false} false alerts, {self.left_alone} left alone)"
        )


def of_acts(seed: int, count: int) -> Figures:
    """Payments and signatures; found means at least an alert."""
    figures = Figures()
    for case in Maker(seed).make(count):
        verdict = case.assess().verdict
        told = verdict is not Verdict.PASSED
        if case.malicious and told:
            figures.hit += 1
        elif case.malicious:
            figures.missed += 1
            figures.missed_kinds[case.kind] += 1
        elif told:
            figures.false += 1
            figures.false_kinds[case.kind] += 1
            figures.stopped_honest += verdict.stops
        else:
            figures.left_alone += 1
    return figures


def of_flows(seed: int, towns: int) -> Figures:
    """Patterns of vouchers in so many towns; found means that an alert names the right shop, person or account."""
    figures, maker = Figures(), TownMaker(seed)
    for _ in range(towns):
        town = maker.make()
        told = {named(one.name, one.about) for one in find(town.flows) if one.assessment.verdict is not Verdict.PASSED}
        figures.hit += len(told & town.guilty)
        figures.missed += len(town.guilty - told)
        figures.false += len(told - town.guilty)
        figures.left_alone += len(town.innocent - town.guilty - told)
        figures.missed_kinds.update(name for name, _ in town.guilty - told)
        figures.false_kinds.update(name for name, _ in told - town.guilty)
    return figures
