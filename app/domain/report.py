"""Tables three and four of the annual report and the sums that must hold in them (国办公开办函〔2021〕30号).

Only requests for government information are counted: rectifications (条例第41条) and complaints (第47条第2款、第51条) are
cases of another kind and stand outside table three. Whoever counts cases for it counts those which
`app.services.cases.counts_in_table_three` selects.

A table keeps what is printed, totals included, because published reports do contain wrong totals: reading one never
fails on a number, `checks` says what does not add up. Tables built from counts add up by construction.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Self

from app.domain.terms import ApplicantKind, RemedyOutcome, RemedyTrack, ReportForm, ReportRow

TOTAL = "total"
TOTAL_LABEL = "总计"

_ROWS = tuple(ReportRow)
RESULT_ROWS = _ROWS[_ROWS.index(ReportRow.GRANTED) : _ROWS.index(ReportRow.RESULT_TOTAL)]
"""三(一)至(六): the rows whose sum is 三(七)总计."""

_ONLY_2021 = frozenset({ReportRow.OTHER_NO_CORRECTION, ReportRow.OTHER_NO_PAYMENT})
_OTHER_2019_LABEL = "三(六)其他处理"

Printed = Mapping[str, Mapping[str, object]]
"""A table as published: row key → column key → cell; a blank or missing cell is 0."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that is not what it should be; `row` and `column` are the keys of the published data."""

    table: int
    row: str
    column: str
    printed: int
    expected: int


@dataclass(frozen=True, slots=True)
class Check:
    """One rule applied to a whole report: `message` is Chinese, `cells` are all that break it.

    `verified` is false for a rule that was inferred, not read in the form.
    """

    id: str
    ok: bool
    message: str
    cells: tuple[Cell, ...] = ()
    verified: bool = True


@dataclass(frozen=True)
class _Table:
    number: ClassVar[int]
    rows: ClassVar[tuple[str, ...]]
    columns: ClassVar[tuple[str, ...]]

    cells: Mapping[tuple[str, str], int]
    unreadable: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, printed: Printed) -> Self:
        """A published table; a cell without an integer is noted and taken as 0.

        ValueError on unknown rows and columns, with those there are: what was sent is not repeated.
        """
        if unknown := [row for row in printed if row not in cls.rows]:
            raise ValueError(f"表{cls.number}中有{len(unknown)}行不是本表的；本表的行是：{'、'.join(cls.rows)}")
        if unknown := sorted({column for row in printed.values() for column in row if column not in cls.columns}):
            raise ValueError(f"表{cls.number}中有{len(unknown)}列不是本表的；本表的列是：{'、'.join(cls.columns)}")
        numbers = {key: _integer(printed.get(key[0], {}).get(key[1])) for key in cls.places()}
        return cls(
            {key: number or 0 for key, number in numbers.items()},
            tuple(key for key, number in numbers.items() if number is None),
        )

    @classmethod
    def places(cls) -> Iterator[tuple[str, str]]:
        return ((row, column) for row in cls.rows for column in cls.columns)

    def __getitem__(self, key: tuple[str, str]) -> int:
        return self.cells[key]

    def as_json(self) -> dict[str, dict[str, int]]:
        """Row key → column key → number, in printed order."""
        return {row: {column: self[row, column] for column in self.columns} for row in self.rows}


@dataclass(frozen=True)
class Table3(_Table):
    """三、收到和处理政府信息公开申请情况: 25 rows, six kinds of applicant and their total."""

    number: ClassVar[int] = 3
    rows: ClassVar[tuple[str, ...]] = _ROWS
    columns: ClassVar[tuple[str, ...]] = (*ApplicantKind, TOTAL)

    @classmethod
    def from_counts(cls, counts: Mapping[tuple[ReportRow, ApplicantKind], int]) -> Self:
        """The table of counted cases; both totals are computed, so 三(七)总计 must not be among the counts."""
        if any(row is ReportRow.RESULT_TOTAL for row, _ in counts):
            raise ValueError("三(七)总计由各行相加得出")
        columns: dict[str, dict[str, int]] = {
            kind: {row: counts.get((row, kind), 0) for row in _ROWS} for kind in ApplicantKind
        }
        for column in columns.values():
            column[ReportRow.RESULT_TOTAL] = sum(column[row] for row in RESULT_ROWS)
        columns[TOTAL] = {row: sum(columns[kind][row] for kind in ApplicantKind) for row in _ROWS}
        return cls({(row, column): columns[column][row] for row, column in cls.places()})


def sum_of(tables: Sequence[Table3]) -> Table3:
    """Add tables up cell by cell, totals too."""
    return Table3({place: sum(table[place] for table in tables) for place in Table3.places()})


@dataclass(frozen=True)
class Table4(_Table):
    """四、因政府信息公开工作被申请行政复议、提起行政诉讼情况: three blocks of four outcomes and their total."""

    number: ClassVar[int] = 4
    rows: ClassVar[tuple[str, ...]] = tuple(RemedyTrack)
    columns: ClassVar[tuple[str, ...]] = (*RemedyOutcome, TOTAL)

    @classmethod
    def from_counts(cls, counts: Mapping[tuple[RemedyTrack, RemedyOutcome], int]) -> Self:
        """The table of counted cases; the totals are computed."""
        cells: dict[tuple[str, str], int] = {
            (track, outcome): counts.get((track, outcome), 0) for track in RemedyTrack for outcome in RemedyOutcome
        }
        for track in RemedyTrack:
            cells[track, TOTAL] = sum(cells[track, outcome] for outcome in RemedyOutcome)
        return cls(cells)

    def correction_rate(self, *tracks: RemedyTrack) -> Fraction | None:
        """纠错率: corrected among decided (维持、纠正、其他) cases of these tracks; None if none is decided.

        Pending cases do not count. An agreed reading, not law; reconsideration and litigation are told apart.
        """
        decided = sum(self[track, outcome] for track in tracks for outcome in _DECIDED)
        corrected = sum(self[track, RemedyOutcome.CORRECTED] for track in tracks)
        return Fraction(corrected, decided) if decided else None


_DECIDED = (RemedyOutcome.UPHELD, RemedyOutcome.CORRECTED, RemedyOutcome.OTHER)


def row_labels(form: ReportForm = ReportForm.FORM_2021) -> dict[ReportRow, str]:
    """The rows of table three that a form prints, in order, with their Chinese labels.

    The form of 2019 has one row for 其他处理: its number is kept under `other_other`, the two rows beside it stay 0.
    """
    if form is ReportForm.FORM_2021:
        return {row: row.label for row in ReportRow}
    labels = {row: row.label for row in ReportRow if row not in _ONLY_2021}
    return labels | {ReportRow.OTHER_OTHER: _OTHER_2019_LABEL}


def in_form_of_2019(table: Table3) -> dict[str, dict[str, int]]:
    """`as_json` for the form of 2019: the three rows of 其他处理 added up into one."""
    merged = table.as_json()
    for row in _ONLY_2021:
        for column, number in merged.pop(row).items():
            merged[ReportRow.OTHER_OTHER][column] += number
    return merged


def as_printed(table: Table3, form: ReportForm) -> dict[str, dict[str, int]]:
    """Return the rows that a form prints, in order."""
    return in_form_of_2019(table) if form is ReportForm.TRIAL_2019 else table.as_json()


def checks(
    table3: Table3, table4: Table4, previous: Table3 | None = None, children: Sequence[Table3] | None = None
) -> list[Check]:
    """What adds up and what does not, one answer per rule; a published report is never refused for it.

    C5 needs last year's table, C8 those of the agencies summed up here; without them these rules are left out. C6 (the
    report's prose) is for a reader: its numbers may rightly count only decided cases.
    """
    found = [
        _check("C1", "表三每行各分列之和等于总计", _parts_differ(table3)),
        _check("C2", "表三每列三(一)至(六)之和等于三(七)总计", _results_differ(table3)),
        _check("C3", "表三每列“一”加“二”等于“三(七)”加“四”", _flow_differs(table3)),
        _check("C4", "表四每块各项结果之和等于总计", _parts_differ(table4)),
    ]
    if previous is not None:
        found.append(_check("C5", "表三“二”逐列等于上年“四”", _carry_differs(table3, previous)))
    found.append(_check("C7", "各格均为非负整数", (*_not_natural(table3), *_not_natural(table4))))
    if children is not None:
        found.append(_check("C8", "汇总数等于各机关之和", _sum_differs(table3, children), verified=False))
    return found


def _check(name: str, rule: str, cells: Iterable[Cell], *, verified: bool = True) -> Check:
    wrong = tuple(cells)
    if not wrong:
        return Check(name, ok=True, message=rule, verified=verified)
    shown = "；".join(_described(cell) for cell in wrong[:_SHOWN])
    more = f"等{len(wrong)}处" if len(wrong) > _SHOWN else ""
    return Check(name, ok=False, message=f"{rule}，不符：{shown}{more}", cells=wrong, verified=verified)


def _described(cell: Cell) -> str:
    return f"表{cell.table}“{_LABELS[cell.row]}”的“{_LABELS[cell.column]}”为{cell.printed}，应为{cell.expected}"


def _unless(table: _Table, row: str, column: str, expected: int) -> Iterator[Cell]:
    if table[row, column] != expected:
        yield Cell(table.number, row, column, table[row, column], expected)


def _parts_differ(table: _Table) -> Iterator[Cell]:
    for row in table.rows:
        parts = sum(table[row, column] for column in table.columns if column != TOTAL)
        yield from _unless(table, row, TOTAL, parts)


def _not_natural(table: _Table) -> Iterator[Cell]:
    for row, column in table.places():
        if (row, column) in table.unreadable or table[row, column] < 0:
            yield Cell(table.number, row, column, table[row, column], max(table[row, column], 0))


def _results_differ(table: Table3) -> Iterator[Cell]:
    for column in table.columns:
        results = sum(table[row, column] for row in RESULT_ROWS)
        yield from _unless(table, ReportRow.RESULT_TOTAL, column, results)


def _flow_differs(table: Table3) -> Iterator[Cell]:
    for column in table.columns:
        arrived = table[ReportRow.NEW_RECEIVED, column] + table[ReportRow.CARRIED_OVER, column]
        left = arrived - table[ReportRow.RESULT_TOTAL, column]
        yield from _unless(table, ReportRow.CARRIED_FORWARD, column, left)


def _carry_differs(table: Table3, previous: Table3) -> Iterator[Cell]:
    for column in table.columns:
        yield from _unless(table, ReportRow.CARRIED_OVER, column, previous[ReportRow.CARRIED_FORWARD, column])


def _sum_differs(table: Table3, children: Sequence[Table3]) -> Iterator[Cell]:
    for row, column in table.places():
        yield from _unless(table, row, column, sum(child[row, column] for child in children))


def _integer(cell: object) -> int | None:
    """The number in a printed cell, blank being 0; None where there is no integer."""
    if cell is None:
        return 0
    if isinstance(cell, bool):
        return None
    if isinstance(cell, str):
        digits = cell.strip().replace(",", "")
        return int(digits or 0) if re.fullmatch(r"-?[0-9]{0,9}", digits) and digits != "-" else None
    if isinstance(cell, int) or (isinstance(cell, float) and cell.is_integer()):
        return int(cell)
    return None


_SHOWN = 3
_LABELS: Mapping[str, str] = {
    **{term.value: term.label for terms in (ReportRow, ApplicantKind, RemedyTrack, RemedyOutcome) for term in terms},
    TOTAL: TOTAL_LABEL,
}
