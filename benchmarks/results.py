"""What a benchmark has measured, and how it is written down: Markdown rows, every figure with its spread and its floor."""

import datetime as dt
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing. `values` are of several rounds; `floor` is measured in the same run, in the same unit."""

    what: str
    where: str  # database and data size
    unit: str
    values: Sequence[float]
    floor: float | None = None
    more: str = ""  # waiting times, statuses
    bar: str = ""  # what is asked for

    def row(self) -> str:
        low, middle, high = min(self.values), median(self.values), max(self.values)
        against = f"{middle / self.floor:.0%} of {_short(self.floor)}" if self.floor else "—"
        spread = f"{_short(low)}–{_short(high)}" if len(self.values) > 1 else "—"
        cells = (self.what, self.where, f"{_short(middle)} {self.unit}", spread, against, self.more, self.bar)
        return f"| {' | '.join(cell or '—' for cell in cells)} |"


HEAD = "| what | where | median | spread | against the floor | besides | bar |\n|---|---|---|---|---|---|---|"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def waits(seconds: Sequence[float]) -> str:
    """Say how long callers waited."""
    cuts = quantiles(seconds, n=100)
    return " ".join(f"p{cut} {cuts[cut - 1] * 1000:.0f} ms" for cut in (50, 95, 99))


def table(figures: Iterable[Figure]) -> str:
    """Lay figures out as a Markdown table."""
    return "\n".join((HEAD, *(figure.row() for figure in figures)))


def machine() -> str:
    """Say when and on what something was measured, and whether others were using it."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown"
    )
    memory = int(next((line.split()[1] for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), "0")) >> 20
    return (
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} × {model}, {memory} GiB, "
        f"Linux {platform.release().split('-')[0]}, Python {platform.python_version()}, "
        f"load before the start {os.getloadavg()[0]:.1f}"
    )


def _lines(path: str) -> Sequence[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else ()
