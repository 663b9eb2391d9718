"""Keeping reports: freezing one as counted, importing one as published, and telling how the live count has moved since."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.domain import report, report_form, report_text
from app.domain.report import Check, Table3, Table4
from app.domain.terms import FileType, ReportForm, SnapshotKind
from app.errors import Invalid
from app.models import ReportSnapshot
from app.services import annual_report, file_types, journal, ledger_files, snapshots
from app.services.annual_report import Asked, Report
from app.services.desk import Desk

_MAX_PAGE = 2_000  # rows of a published workbook that are looked at, per sheet


@dataclass(frozen=True, slots=True)
class Published:
    """A report as somebody published it, whatever its sums say."""

    form: ReportForm
    table3: Mapping[str, Mapping[str, object]] | None
    table4: Mapping[str, Mapping[str, object]] | None
    source: str
    prose: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that counts otherwise now than it was kept."""

    table: int
    row: str
    column: str
    kept: int
    live: int


def freeze(desk: Desk, asked: Asked, note: str | None) -> ReportSnapshot:
    """Keep the report as it is counted now."""
    found = annual_report.build(desk, asked)
    details = {
        "fees": asdict(found.fees),
        "carried_from": {str(year): n for year, n in found.carried_from.items()},
        "table4_source": found.table4_source.value,
    }
    return _keep(
        desk, asked, SnapshotKind.FROZEN, found.table3.as_json(), found.table4.as_json(), found.checks, details,
        source="", note=note,
    )  # fmt: skip


def bring_in(desk: Desk, asked: Asked, published: Published) -> ReportSnapshot:
    """Keep a published report as it was printed. Sums that do not hold are named in its checks and refuse nothing.

    Raises Invalid only where the rows or columns are not those of the form, or neither table is there.
    """
    if published.table3 is None and published.table4 is None:
        raise Invalid("表三、表四至少要有一个")
    try:
        table3 = Table3.read(published.table3 or {})
        table4 = Table4.read(published.table4 or {})
    except ValueError as error:
        raise Invalid(str(error)) from error
    earlier = snapshots.latest(desk.session, asked.agency.id, asked.year - 1, asked.scope)
    previous = Table3.read(earlier.table3) if earlier and earlier.table3 else None
    checks = report.checks(table3, table4, previous)
    if published.prose:
        checks.append(report_text.check_text(published.prose, table3, table4))
    details = {"prose": published.prose, "unreadable": _unreadable(published, table3, table4)}
    return _keep(
        desk, asked, SnapshotKind.PUBLISHED,
        table3.as_json() if published.table3 is not None else None,
        table4.as_json() if published.table4 is not None else None,
        sorted(checks, key=lambda check: check.id), details, source=published.source, note=published.note,
    )  # fmt: skip


def _unreadable(published: Published, table3: Table3, table4: Table4) -> list[list[str]]:
    return [
        [str(table.number), row, column]
        for table, given in ((table3, published.table3), (table4, published.table4))
        if given is not None
        for row, column in table.unreadable
    ]


def of_workbook(name: str, content: bytes) -> report_form.Published:
    """Find the tables in a workbook of the printed layout. Raises Invalid saying what cannot be read."""
    examined = file_types.examine(name, content)
    faults = list(examined.faults)
    if not faults and (examined.file_type is not FileType.XLSX or ledger_files.has_document_type(content)):
        faults.append("已公布的报表须为 xlsx 文件")
    if faults:
        raise Invalid("；".join(faults))
    page = [row for sheet in ledger_files.pages(content, _MAX_PAGE) for row in sheet]
    found = report_form.read(page)
    if found.faults:
        raise Invalid("；".join(found.faults))
    return found


def _keep(
    desk: Desk,
    asked: Asked,
    kind: SnapshotKind,
    table3: dict[str, dict[str, int]] | None,
    table4: dict[str, dict[str, int]] | None,
    checks: Any,
    details: dict[str, Any],
    *,
    source: str,
    note: str | None,
) -> ReportSnapshot:
    canonical = json.dumps([table3, table4], sort_keys=True, ensure_ascii=False)
    row = ReportSnapshot(
        agency_id=asked.agency.id,
        year=asked.year,
        scope=asked.scope,
        form=asked.form,
        kind=kind,
        table3=table3,
        table4=table4,
        details=details,
        checks=[asdict(check) for check in checks],
        sha256=hashlib.sha256(canonical.encode()).hexdigest(),
        source=source,
        note=note,
        made_on=desk.today,
        made_at=desk.now,
        made_by=desk.actor.name,
    )
    desk.session.add(row)
    desk.session.flush()
    act, label = (
        ("report_frozen", "冻结年度报告")
        if kind is SnapshotKind.FROZEN
        else ("report_imported", "导入已公布的年度报告")
    )
    journal.record(
        desk, act, label, agency_id=asked.agency.id,
        data={"snapshot": row.id, "year": row.year, "scope": row.scope.value, "sha256": row.sha256},
    )  # fmt: skip
    return row


def open_kept(desk: Desk, snapshot_id: int) -> tuple[ReportSnapshot, Asked]:
    """Open a kept report of an agency the caller may see the figures of. Raises NotFound."""
    row, agency = snapshots.get(desk.session, snapshot_id)
    return row, annual_report.ask(desk, agency.code, row.year, row.scope, row.form)


def differences(desk: Desk, row: ReportSnapshot, asked: Asked) -> tuple[Report, list[Difference]]:
    """Compare a kept report with the live count, cell by cell; only tables that were kept are compared."""
    live = annual_report.build(desk, asked)
    found: list[Difference] = []
    if row.table3 is not None:
        found += _moved(
            3, report.as_printed(Table3.read(row.table3), row.form), report.as_printed(live.table3, row.form)
        )
    if row.table4 is not None:
        counted = annual_report.table_four(desk.session, asked)
        found += _moved(4, Table4.read(row.table4).as_json(), counted.as_json())
    return live, found


def _moved(
    number: int, kept: Mapping[str, Mapping[str, int]], live: Mapping[str, Mapping[str, int]]
) -> Iterator[Difference]:
    for row, columns in kept.items():
        for column, printed in columns.items():
            if printed != live[row][column]:
                yield Difference(number, row, column, printed, live[row][column])


def checks_of(row: ReportSnapshot) -> list[Check]:
    """Read the checks back as they came out when the report was kept."""
    return [
        Check(
            check["id"],
            check["ok"],
            check["message"],
            tuple(report.Cell(**cell) for cell in check["cells"]),
            check["verified"],
        )
        for check in row.checks
    ]
