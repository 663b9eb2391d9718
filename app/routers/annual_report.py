"""年度报告：表三、表四，冻结和导入."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, File, Query, Response, UploadFile
from pydantic import Field

from app.deps import HouseDep, PageNo, PageSize, PlainId, Reading, Write, allow
from app.domain.commands import PLAIN
from app.domain.report import Table3, Table4, as_printed
from app.domain.terms import FileType, RemedyColumn, RemedyTrack, ReportColumn, ReportForm, ReportRow, ReportScope, Role
from app.http.doors import Operations
from app.http.downloads import exported_file, file_answers
from app.schemas import present
from app.schemas.annual_report import (
    AnnualReport,
    Differences,
    Freeze,
    PublishedIn,
    Snapshot,
    SnapshotPage,
    annual_report_out,
    differences_out,
    snapshot_out,
    snapshot_summary,
)
from app.schemas.cases import CasePage
from app.schemas.remedies import RemedyPage, remedy_out
from app.services import annual_report, report_files, report_keeping, snapshots
from app.services.annual_report import FIRST_YEAR, Asked
from app.services.desk import Desk
from app.services.permissions import CASE_ROLES
from app.services.report_files import Printed
from app.services.report_keeping import Published

router = Operations(tags=["statistics"])

READERS = allow(*(CASE_ROLES - {Role.PORTAL}))
KEEPERS = allow(Role.INTAKE_CLERK, Role.ARCHIVIST, Role.AGENCY_SUPERVISOR, Role.CITY_SUPERVISOR)

AgencyCode = Annotated[
    str | None, Query(max_length=64, pattern=r"^[^\x00]*$", description="机关代码；不填即本机关", examples=[None])
]
Year = Annotated[Annotated[int, Field(ge=FIRST_YEAR, le=2100), PLAIN], Query(description="年度", examples=[2025])]
ScopeParam = Annotated[
    ReportScope, Query(description="统计范围：转办的件只计在现承办机关，汇总时不重复", examples=["own"])
]
Layout = Annotated[ReportForm | None, Query(description="格式；不填时2019、2020年度为2019年格式，其余为2021年格式")]


async def _asked(
    year: Year,
    agency: AgencyCode = None,
    scope: ScopeParam = ReportScope.OWN,
    layout: Layout = None,
) -> Callable[[Desk], Asked]:
    return lambda desk: annual_report.ask(desk, agency, year, scope, layout)


AskedFor = Annotated[Callable[[Desk], Asked], Depends(_asked)]
"""Which report is asked for: for whom, the desk decides."""


@router.get("/statistics/annual-report.json", include_in_schema=False, **READERS)
@router.get("/statistics/annual-report", summary="查看年度报告表三、表四", **READERS)
def get_annual_report(desk: Reading, ask: AskedFor) -> AnnualReport:
    """按国办公开办函〔2021〕30号的格式，从案件实时统计；每一格都能打开所计的件（`links`）。

    - “一”按首次收到日所在年；办结按答复发出或者结案日所在年；年末未结的结转下年。这些口径是通行做法，非法定。
    - `checks` 逐条核对 C1–C8：不符的逐格列出。C5 与上年冻结或者公布的报表比较，没有的与上年实时数比较。
    - 表四由登记的复议、诉讼统计；单独导入过该年表四的，以导入的为准（`table4_source`）。
    """
    return annual_report_out(annual_report.build(desk, ask(desk)))


def _printed(desk: Desk, asked: Asked) -> Printed:
    found = annual_report.build(desk, asked)
    tables = as_printed(found.table3, asked.form)
    return Printed(asked.agency.name, asked.year, asked.form, tables, found.table4, found.sentences, found.checks)


@router.get(
    "/statistics/annual-report.xlsx",
    summary="导出年度报告表三、表四（xlsx）",
    response_class=Response,
    responses=file_answers(FileType.XLSX),
    **READERS,
)
def get_annual_report_xlsx(house: HouseDep, desk: Reading, ask: AskedFor) -> Response:
    """按印发的版式（合并表头），另附正文和校验两页。导出记入日志。"""
    asked = ask(desk)
    content = report_files.workbook(_printed(desk, asked))
    name = f"{asked.agency.name}{asked.year}年年度报告表三表四.xlsx"
    return exported_file(house, desk, content, FileType.XLSX, name)


@router.get(
    "/statistics/annual-report.docx",
    summary="导出年度报告中来自案件的部分（docx）",
    response_class=Response,
    responses=file_answers(FileType.DOCX),
    **READERS,
)
def get_annual_report_docx(house: HouseDep, desk: Reading, ask: AskedFor) -> Response:
    """一（依申请公开）、三、四、六（信息处理费），可以在 Word 或者 WPS 中并入全文。导出记入日志。"""
    asked = ask(desk)
    content = report_files.document(_printed(desk, asked))
    return exported_file(house, desk, content, FileType.DOCX, f"{asked.agency.name}{asked.year}年年度报告.docx")


@router.get("/statistics/annual-report/cases", summary="查看表三一格所计的案件", **READERS)
def list_annual_report_cases(
    desk: Reading,
    ask: AskedFor,
    row: Annotated[ReportRow, Query(description="行", examples=["granted"])],
    column: Annotated[ReportColumn, Query(description="列", examples=["natural_person"])],
    page: PageNo = 1,
    size: PageSize = 20,
) -> CasePage:
    """恰好是这一格所计的案件，`total` 与表中的数相等。"""
    found, total = annual_report.cases_of(desk, ask(desk), row, column, page, size)
    return CasePage(items=[present.case_summary(one) for one in found], total=total, page=page, size=size)


@router.get("/statistics/annual-report/remedies", summary="查看表四一格所计的复议、诉讼", **READERS)
def list_annual_report_remedies(
    desk: Reading,
    ask: AskedFor,
    row: Annotated[RemedyTrack, Query(description="行", examples=["reconsideration"])],
    column: Annotated[RemedyColumn, Query(description="列", examples=["corrected"])],
    page: PageNo = 1,
    size: Annotated[Annotated[int, Field(ge=1, le=100), PLAIN], Query(description="每页条数")] = 20,
) -> RemedyPage:
    """恰好是这一格所计的复议、诉讼，`total` 与表中的数相等。"""
    found, total = annual_report.remedies_of(desk, ask(desk), row, column, page, size)
    return RemedyPage(items=[remedy_out(one) for one in found], total=total, page=page, size=size)


@router.post(
    "/statistics/annual-report/snapshots",
    summary="冻结年度报告",
    response_model=Snapshot,
    status_code=201,
    **KEEPERS,
)
def freeze_annual_report(body: Freeze, write: Write) -> Response:
    """把现在统计的结果保存下来，以后不再变动：公布的报表由此可以重现，其后的更正列为差异。可以多次冻结，最近的一次有效。"""

    def work(desk: Desk) -> Snapshot:
        asked = annual_report.ask(desk, body.agency_code, body.year, body.scope, body.layout)
        return snapshot_out(report_keeping.freeze(desk, asked, body.note), asked)

    return write.answer(201, work)


@router.post(
    "/statistics/annual-report/published",
    summary="导入已公布的年度报告",
    response_model=Snapshot,
    status_code=201,
    **KEEPERS,
)
def import_published_report(body: PublishedIn, write: Write) -> Response:
    """按公布的原样保存，数字对不上的只提示（`checks` 逐格列出），不退回。只导入表四的，该年的表四以它为准。"""

    def work(desk: Desk) -> Snapshot:
        asked = annual_report.ask(desk, body.agency_code, body.year, body.scope, body.layout)
        return snapshot_out(report_keeping.bring_in(desk, asked, body.content(asked.form)), asked)

    return write.answer(201, work)


def _sent(file: Annotated[UploadFile, File(description="xlsx，按印发的版式")]) -> tuple[str, bytes]:
    return file.filename or "", file.file.read()


@router.post(
    "/statistics/annual-report/published/file",
    summary="导入已公布的年度报告（xlsx）",
    response_model=Snapshot,
    status_code=201,
    **KEEPERS,
)
def import_published_workbook(
    sent: Annotated[tuple[str, bytes], Depends(_sent)],
    write: Write,
    agency: Annotated[
        str, Query(max_length=64, pattern=r"^[^\x00]+$", description="机关代码", examples=["370600-GXJ"])
    ],
    year: Year,
    scope: ScopeParam = ReportScope.OWN,
) -> Response:
    """从印发版式的表格中找出表三、表四（以行名、列名识别，空格为0）；数字对不上的只提示，不退回。"""

    def work(desk: Desk) -> Snapshot:
        found = report_keeping.of_workbook(*sent)
        asked = annual_report.ask(desk, agency, year, scope, found.form)
        published = Published(found.form, found.table3, found.table4, sent[0][:200], None, None)
        return snapshot_out(report_keeping.bring_in(desk, asked, published), asked)

    return write.answer(201, work)


@router.get("/statistics/annual-report/snapshots", summary="查看冻结和导入的年度报告", **READERS)
def list_annual_report_snapshots(
    desk: Reading,
    agency: AgencyCode = None,
    year: Annotated[Annotated[int, Field(ge=FIRST_YEAR, le=2100), PLAIN] | None, Query(description="年度")] = None,
    page: PageNo = 1,
    size: PageSize = 50,
) -> SnapshotPage:
    """机关的冻结和导入的报告，最近的在前。"""
    asked = annual_report.ask(desk, agency, year or FIRST_YEAR, ReportScope.OWN)
    rows, total = snapshots.listing(desk.session, asked.agency.id, year, page, size)
    items = [snapshot_summary(row, asked.agency.code) for row in rows]
    return SnapshotPage(items=items, total=total, page=page, size=size)


@router.get(
    "/statistics/annual-report/snapshots/{snapshot_id}.xlsx",
    summary="导出一份冻结或者导入的年度报告（xlsx）",
    response_class=Response,
    responses=file_answers(FileType.XLSX),
    **READERS,
)
def get_annual_report_snapshot_xlsx(snapshot_id: PlainId, house: HouseDep, desk: Reading) -> Response:
    """按印发的版式重现保存时的报表。导出记入日志。"""
    row, asked = report_keeping.open_kept(desk, snapshot_id)
    content = report_files.workbook(
        Printed(
            asked.agency.name,
            row.year,
            row.form,
            as_printed(Table3.read(row.table3), row.form) if row.table3 else None,
            Table4.read(row.table4) if row.table4 else None,
            None,
            report_keeping.checks_of(row),
        )
    )
    name = f"{asked.agency.name}{row.year}年年度报告{row.kind.label}.xlsx"
    return exported_file(house, desk, content, FileType.XLSX, name)


@router.get("/statistics/annual-report/snapshots/{snapshot_id}", summary="查看一份冻结或者导入的年度报告", **READERS)
def get_annual_report_snapshot(snapshot_id: PlainId, desk: Reading) -> Snapshot:
    """保存时的全部数字和校验结果。"""
    return snapshot_out(*report_keeping.open_kept(desk, snapshot_id))


@router.get(
    "/statistics/annual-report/snapshots/{snapshot_id}/differences", summary="比较保存的年度报告与现在的统计", **READERS
)
def compare_annual_report_snapshot(snapshot_id: PlainId, desk: Reading) -> Differences:
    """逐格列出保存之后的变化（补录、更正、转办），每格能打开现在所计的件。"""
    row, asked = report_keeping.open_kept(desk, snapshot_id)
    return differences_out(row, *report_keeping.differences(desk, row, asked))
