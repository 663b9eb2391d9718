"""The annual report as callers see it: numbers by row and column, and beside them where each leads."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import Field

from app.domain import report
from app.domain.commands import Line, Strict, Text
from app.domain.masking import Veil
from app.domain.report import Cell, Check, Table4
from app.domain.shape import Shape
from app.domain.terms import (
    RemedyColumn,
    RemedyTrack,
    ReportColumn,
    ReportForm,
    ReportScope,
    SnapshotKind,
    TableSource,
)
from app.models import ReportSnapshot
from app.services import annual_report, clocks
from app.services.annual_report import Asked, Report
from app.services.report_keeping import Difference, Published, checks_of

BASE = "/api/v1/statistics/annual-report"
Numbers = dict[str, dict[str, int]]
Links = dict[str, dict[str, str]]


class Heading(Shape):
    """A row or column: its key and its printed label."""

    key: str
    label: str


class CellOut(Shape):
    """A cell that is not what it should be."""

    table: int
    row: str
    row_label: str
    column: str
    column_label: str
    printed: int = Field(description="表中的数")
    expected: int = Field(description="按规则应为")
    href: str = Field(description="该格所计的件")


class ReportCheckOut(Shape):
    """A rule applied to the whole report."""

    id: str = Field(description="C1–C8")
    ok: bool
    message: str
    verified: bool = Field(description="规则出自报告格式；false 为推定的口径")
    cells: list[CellOut]


class FeesOut(Shape):
    """Section six: information-processing fees."""

    notified: int = Field(description="发出收费通知的件数")
    paid: int = Field(description="收取的件数")
    collected_yuan: int = Field(description="收取的金额，元")
    refunded_yuan: int = Field(description="退付的金额，元")
    closed_unpaid: int = Field(description="逾期不缴费不再处理的件数")


class CarriedFrom(Shape):
    """Carried-over cases by the year of their receipt."""

    year: int
    cases: int


class Texts(Shape):
    """The sentences of the sections that come from cases."""

    requests: str = Field(description="一、总体情况中的依申请公开")
    fees: str = Field(description="六、其他需要报告的事项中的信息处理费")


class AnnualReport(Shape):
    """Tables three and four with their checks; `links` leads from every cell to what it counts."""

    agency_code: str
    agency_name: str
    year: int
    scope: ReportScope
    scope_label: str
    layout: ReportForm
    layout_label: str
    as_of: dt.date = Field(description="统计日；年度未终了的，“四”为至今未结")
    complete: bool = Field(description="该年度是否已经终了")
    table3: Numbers = Field(description="行 → 列 → 数")
    table4: Numbers = Field(description="行 → 列 → 数")
    table4_source: TableSource
    table4_source_label: str
    rows3: list[Heading]
    columns3: list[Heading]
    rows4: list[Heading]
    columns4: list[Heading]
    checks: list[ReportCheckOut]
    previous_source: TableSource = Field(description="C5 所比的上年“四”的来源")
    carried_from: list[CarriedFrom] = Field(description="“二”按收到年份")
    fees: FeesOut
    texts: Texts
    links: dict[str, Links] = Field(description="table3、table4 各格所计的件的地址；导入的表四没有")


class Freeze(Strict):
    """Which report to keep as it is counted now."""

    agency_code: Line = Field(description="机关代码", examples=["370600-GXJ"])
    year: int = Field(strict=True, ge=annual_report.FIRST_YEAR, le=2100, description="年度", examples=[2025])
    scope: ReportScope = Field(ReportScope.OWN, description="统计范围")
    layout: ReportForm | None = Field(None, description="格式，不填按年度", examples=[None])
    note: Text | None = Field(None, description="说明", examples=["报送前冻结"])


PrintedCell = int | float | str | None
PrintedTable = dict[Annotated[str, Field(max_length=64)], dict[Annotated[str, Field(max_length=64)], PrintedCell]]


class PublishedIn(Strict):
    """A published report: the numbers as printed, right or wrong."""

    agency_code: Line = Field(description="机关代码", examples=["370600-GXJ"])
    year: int = Field(strict=True, ge=annual_report.FIRST_YEAR, le=2100, description="年度", examples=[2023])
    scope: ReportScope = Field(ReportScope.OWN, description="统计范围")
    layout: ReportForm | None = Field(None, description="格式，不填按年度", examples=[None])
    table3: PrintedTable | None = Field(None, max_length=25, description="表三，行 → 列 → 数；空格为0", examples=[None])
    table4: PrintedTable | None = Field(
        None,
        max_length=3,
        description="表四；可以只导入表四",
        examples=[{"reconsideration": {"upheld": 3, "corrected": 1, "other": 0, "pending": 0, "total": 4}}],
    )
    source: Line = Field(description="出处，如网址", examples=["https://www.example.gov.cn/2023nb.html"])
    prose: Text | None = Field(None, description="报告正文，用于核对 C6", examples=[None])
    note: Text | None = Field(None, description="说明", examples=[None])

    def content(self, form: ReportForm) -> Published:
        return Published(form, self.table3, self.table4, self.source, self.prose, self.note)


class SnapshotSummary(Shape):
    """A kept report in a list."""

    id: int
    agency_code: str
    year: int
    scope: ReportScope
    scope_label: str
    layout: ReportForm
    kind: SnapshotKind
    kind_label: str
    tables: list[int] = Field(description="含有哪些表：3、4")
    failed_checks: list[str] = Field(description="不符的校验规则；只是提示，不影响保存")
    sha256: str
    source: str
    note: str | None
    made_at: dt.datetime
    made_by: str


class Snapshot(SnapshotSummary):
    """A kept report, whole."""

    table3: Numbers | None
    table4: Numbers | None
    checks: list[ReportCheckOut]
    details: dict[str, Any] = Field(description="表外的内容：收费、结转来源、正文、不能读成整数的格")


class SnapshotPage(Shape):
    items: list[SnapshotSummary]
    total: int
    page: int
    size: int


class DifferenceOut(Shape):
    """A cell that counts otherwise now."""

    table: int
    row: str
    row_label: str
    column: str
    column_label: str
    kept: int = Field(description="保存时的数")
    live: int = Field(description="现在统计的数")
    href: str = Field(description="现在该格所计的件")


class Differences(Shape):
    """A kept report against the live count."""

    snapshot_id: int
    as_of: dt.date
    same: bool
    items: list[DifferenceOut]


_ROW4 = {track.value: track.label for track in RemedyTrack}
_COLUMN3 = {column.value: column.label for column in ReportColumn}
_COLUMN4 = {column.value: column.label for column in RemedyColumn}


def _row3(form: ReportForm) -> dict[str, str]:
    return {row.value: label for row, label in report.row_labels(form).items()}


def _headings(labels: Mapping[str, str]) -> list[Heading]:
    return [Heading(key=key, label=label) for key, label in labels.items()]


def href(asked: Asked, table: int, row: str, column: str) -> str:
    """Return where exactly the cases or remedies of a cell are listed."""
    what = "cases" if table == 3 else "remedies"
    cell = {
        "agency": asked.agency.code,
        "year": asked.year,
        "scope": asked.scope.value,
        "layout": asked.form.value,
        "row": row,
        "column": column,
    }
    return f"{BASE}/{what}?{urlencode(cell)}"


def _cells(asked: Asked, cells: Sequence[Cell]) -> Iterator[CellOut]:
    for cell in cells:
        rows, columns = (_row3(ReportForm.FORM_2021), _COLUMN3) if cell.table == 3 else (_ROW4, _COLUMN4)
        yield CellOut(
            table=cell.table,
            row=cell.row,
            row_label=rows[cell.row],
            column=cell.column,
            column_label=columns[cell.column],
            printed=cell.printed,
            expected=cell.expected,
            href=href(asked, cell.table, cell.row, cell.column),
        )


def _check(asked: Asked, check: Check) -> ReportCheckOut:
    cells = list(_cells(asked, check.cells))
    return ReportCheckOut(id=check.id, ok=check.ok, message=check.message, verified=check.verified, cells=cells)


def annual_report_out(found: Report) -> AnnualReport:
    asked = found.asked
    table3, rows3 = report.as_printed(found.table3, asked.form), _row3(asked.form)
    links = {"table3": {row: {column: href(asked, 3, row, column) for column in _COLUMN3} for row in rows3}}
    if found.table4_source is TableSource.COUNTED:
        links["table4"] = {row: {column: href(asked, 4, row, column) for column in _COLUMN4} for row in _ROW4}
    texts = found.sentences
    return AnnualReport(
        agency_code=asked.agency.code,
        agency_name=asked.agency.name,
        year=asked.year,
        scope=asked.scope,
        scope_label=asked.scope.label,
        layout=asked.form,
        layout_label=asked.form.label,
        as_of=found.as_of,
        complete=found.complete,
        table3=table3,
        table4=found.table4.as_json(),
        table4_source=found.table4_source,
        table4_source_label=found.table4_source.label,
        rows3=_headings(rows3),
        columns3=_headings(_COLUMN3),
        rows4=_headings(_ROW4),
        columns4=_headings(_COLUMN4),
        checks=[_check(asked, check) for check in found.checks],
        previous_source=found.previous,
        carried_from=[CarriedFrom(year=year, cases=n) for year, n in found.carried_from.items()],
        fees=FeesOut.model_validate(found.fees, from_attributes=True),
        texts=Texts(requests=texts.requests, fees=texts.fees),
        links=links,
    )


def _summary(row: ReportSnapshot, agency_code: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "agency_code": agency_code,
        "year": row.year,
        "scope": row.scope,
        "scope_label": row.scope.label,
        "layout": row.form,
        "kind": row.kind,
        "kind_label": row.kind.label,
        "tables": [number for number, table in ((3, row.table3), (4, row.table4)) if table is not None],
        "failed_checks": [check.id for check in checks_of(row) if not check.ok],
        "sha256": row.sha256,
        "source": row.source,
        "note": Veil(()).over_all(row.note),
        "made_at": clocks.in_shanghai(row.made_at),
        "made_by": row.made_by,
    }


def snapshot_summary(row: ReportSnapshot, agency_code: str) -> SnapshotSummary:
    return SnapshotSummary(**_summary(row, agency_code))


def snapshot_out(row: ReportSnapshot, asked: Asked) -> Snapshot:
    return Snapshot(
        **_summary(row, asked.agency.code),
        table3=row.table3,
        table4=Table4.read(row.table4).as_json() if row.table4 else None,
        checks=[_check(asked, check) for check in checks_of(row)],
        details=row.details,
    )


def differences_out(row: ReportSnapshot, live: Report, found: Sequence[Difference]) -> Differences:
    rows3 = _row3(row.form)
    items = [
        DifferenceOut(
            table=one.table,
            row=one.row,
            row_label=(rows3 if one.table == 3 else _ROW4)[one.row],
            column=one.column,
            column_label=(_COLUMN3 if one.table == 3 else _COLUMN4)[one.column],
            kept=one.kept,
            live=one.live,
            href=href(live.asked, one.table, one.row, one.column),
        )
        for one in found
    ]
    return Differences(snapshot_id=row.id, as_of=live.as_of, same=not items, items=items)
