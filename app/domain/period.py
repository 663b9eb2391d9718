"""The periods that figures are made for: years, quarters and months, and the one before each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_WRITTEN = re.compile(r"(?P<year>20\d\d)(?:Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Some months of one year, both ends included."""

    year: int
    first_month: int
    months: int

    @classmethod
    def read(cls, written: str) -> "Period":
        """Read `2026`, `2026Q1` or `2026-03`; ValueError, in Chinese, for anything else."""
        found = _WRITTEN.fullmatch(written)
        if found is None:
            raise ValueError("统计期写作 2026（全年）、2026Q1（季度）或者 2026-03（月份）")
        year = int(found["year"])
        if found["quarter"]:
            return cls(year, 3 * int(found["quarter"]) - 2, 3)
        if found["month"]:
            return cls(year, int(found["month"]), 1)
        return cls(year, 1, 12)

    @classmethod
    def quarter_of(cls, day: date) -> "Period":
        return cls(day.year, (day.month - 1) // 3 * 3 + 1, 3)

    @property
    def first(self) -> date:
        return date(self.year, self.first_month, 1)

    @property
    def last(self) -> date:
        return self.following.first - timedelta(days=1)

    @property
    def following(self) -> "Period":
        return self._moved(self.months)

    @property
    def previous(self) -> "Period":
        return self._moved(-self.months)

    @property
    def by_month(self) -> Iterator["Period"]:
        """Each of its months."""
        return (Period(self.year, month, 1) for month in range(self.first_month, self.first_month + self.months))

    def _moved(self, months: int) -> "Period":
        years, month = divmod(self.first_month - 1 + months, 12)
        return Period(self.year + years, month + 1, self.months)

    @property
    def label(self) -> str:
        """What a reader calls it: 2026年第一季度."""
        if self.months == 12:
            return f"{self.year}年"
        if self.months == 3:
            return f"{self.year}年第{'一二三四'[self.first_month // 3]}季度"
        return f"{self.year}年{self.first_month}月"

    def __str__(self) -> str:
        if self.months == 12:
            return str(self.year)
        if self.months == 3:
            return f"{self.year}Q{self.first_month // 3 + 1}"
        return f"{self.year}-{self.first_month:02d}"


def last_months(day: date, count: int) -> list[Period]:
    """The `count` months up to and including that of `day`, oldest first."""
    found = [Period(day.year, day.month, 1)]
    while len(found) < count:
        found.append(found[-1].previous)
    return found[::-1]
