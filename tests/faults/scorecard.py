"""What a trial comes to, in figures."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.faults.ledger import Finding, Promise


@dataclass
class Score:
    """The figures of one trial on one database."""

    trial: str
    database: str
    faults: int = 0
    tries: int = 0
    acknowledged: int = 0
    findings: Sequence[Finding] = ()
    recoveries_s: list[float] = field(default_factory=list)

    def row(self) -> tuple[str, ...]:
        found = Counter(finding.promise for finding in self.findings)
        told = (Promise.KEPT, Promise.ONCE, Promise.TRUE)
        other = sum(count for promise, count in found.items() if promise not in told)
        times = self.recoveries_s
        recovered = f"{median(times):.2f} / {max(times):.2f}" if times else "—"
        return (
            self.trial,
            self.database,
            *map(str, (self.faults, self.tries, self.acknowledged, *(found[promise] for promise in told), other)),
            recovered,
        )


HEAD = (
    *("trial", "database", "faults", "tries", "acknowledged", "lost", "doubled", "false success", "other findings"),
    "recovery s, median / max",
)


def table(scores: Iterable[Score]) -> str:
    """Lay the scores out as a Markdown table, the broken promises below it."""
    scores = list(scores)
    lines = [HEAD, tuple("---" for _ in HEAD), *(score.row() for score in scores)]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    broken = [
        f"- {score.trial}, {score.database}: {finding.promise}: {finding.text}"
        for score in scores
        for finding in list(score.findings)[:20]
    ]
    return "\n".join((text, *broken))
