"""台账的导入和导出."""

from typing import Annotated, Literal

from fastapi import Depends, File, Query, Response, UploadFile

from app.deps import HouseDep, PageNo, PageSize, Reading, allow
from app.domain.acts import LegalDay
from app.domain.terms import MEDIA_TYPES, FileType, Role
from app.errors import Clash
from app.http.doors import Operations
from app.http.downloads import attached
from app.http.stages import WriteInStages
from app.openapi import refusing
from app.schemas.ledger import LedgerOutcome, LedgerPage, ledger_out, ledger_outcome
from app.services import ledger, ledger_export, ledger_files
from app.services.ledger_export import Span
from app.services.stages import Stages

router = Operations(tags=["ledger"])

KEEPERS = allow(Role.INTAKE_CLERK, Role.ARCHIVIST, Role.AGENCY_SUPERVISOR, Role.CITY_SUPERVISOR)
TAKERS = allow(
    *(Role.INTAKE_CLERK, Role.ARCHIVIST, Role.AGENCY_SUPERVISOR, Role.CITY_SUPERVISOR), second_factor=True, exports=True
)
"""Who brings an agency's history in, or takes it out: both name every applicant."""

AgencyCode = Annotated[
    str, Query(min_length=1, max_length=64, pattern=r"^[^\x00]*$", description="机关代码", examples=["370600-GXJ"])
]
OwnAgency = Annotated[
    str | None, Query(max_length=64, pattern=r"^[^\x00]*$", description="机关代码；不填即本机关", examples=[None])
]
CSV = "text/csv; charset=utf-8"
XLSX = MEDIA_TYPES[FileType.XLSX]


def _sent(file: Annotated[UploadFile, File(description="台账（csv 或者 xlsx），最大 50 MiB")]) -> tuple[str, bytes]:
    return file.filename or "", file.file.read()


@router.post(
    "/ledger/imports",
    summary="导入台账",
    response_model=LedgerOutcome,
    status_code=201,
    responses=refusing(Clash) | {200: {"model": LedgerOutcome, "description": "试运行"}},
    **KEEPERS,
)
def import_ledger(
    sent: Annotated[tuple[str, bytes], Depends(_sent)],
    write: WriteInStages,
    agency: AgencyCode,
    dry_run: Annotated[bool, Query(description="试运行：只检查，列出全部错误，不导入")] = False,
) -> Response:
    """导入机关原有的依申请公开台账：要么全部导入，要么一件也不导入，每一处错误指明行、列和理由。

    - 第1行为表头：编号、收到日期、申请渠道、申请人类别、申请人、证件号码、联系电话、申请内容、处理结果、答复日期、送达日期、
      结案日期。
    - “申请人类别”“处理结果”填年度报告表三的列名、行名或者其代码；“处理结果”为空的是在办申请，导入后继续办理。
    - 有处理结果的须填答复日期或者结案日期，并以此为办结日；各日期须先后有序（收到、答复、送达、结案），不能晚于今天。
    - CSV 须以英文逗号分隔，UTF-8 或者 GB18030 编码；xlsx 不能含公式、宏。编号在文件内和本机关内都不能重复；同一文件不重复导入。
    """

    def work(stages: Stages) -> tuple[int, LedgerOutcome]:
        outcome = ledger.bring_in(stages, agency, *sent, dry_run=dry_run)
        if not dry_run:
            ledger.refuse_faulty(outcome)
        return 200 if dry_run else 201, ledger_outcome(outcome, dry_run=dry_run)

    return write.answer(work)


@router.get("/ledger/imports", summary="查看导入过的台账", **KEEPERS)
def list_ledger_imports(desk: Reading, agency: OwnAgency = None, page: PageNo = 1, size: PageSize = 50) -> LedgerPage:
    """机关导入过的台账文件，最近的在前。"""
    rows, total = ledger.imports(desk, ledger.agency_of(desk, agency), page, size)
    return LedgerPage(items=[ledger_out(row) for row in rows], total=total, page=page, size=size)


@router.get(
    "/ledger/export",
    summary="导出台账",
    response_class=Response,
    responses={200: {"description": "文件", "content": {"text/csv": {}, XLSX: {}}}},
    **TAKERS,
)
def export_ledger(
    desk: Reading,
    house: HouseDep,
    agency: OwnAgency = None,
    form: Annotated[
        Literal["csv", "xlsx"], Query(alias="format", description="`csv`（UTF-8）或者 `xlsx`", examples=["xlsx"])
    ] = "csv",
    received_from: Annotated[LegalDay | None, Query(description="收到日期自", examples=[None])] = None,
    received_to: Annotated[LegalDay | None, Query(description="收到日期至", examples=[None])] = None,
) -> Response:
    """机关的全部政府信息公开申请，与导入的格式相同，按收到先后；尚未确认收到的不在其中。

    以等号、加减号等开头的文字在表格软件中仍是文字，不会被当作公式。台账含申请人的全部信息，导出记入日志。
    """
    span = Span(received_from, received_to)
    exported = ledger_export.export(desk, agency, span)
    house.write_aside(lambda session: ledger_export.hand_out(session, desk, exported, span))
    write = ledger_files.write_xlsx if form == "xlsx" else ledger_files.write_csv
    name = f"{exported.agency.name}依申请公开台账.{form}"
    return attached(write(exported.rows), XLSX if form == "xlsx" else CSV, name)
