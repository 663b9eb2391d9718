"""通报: the bulletin of a quarter or a month, to read, to edit and to reckon with."""

from fastapi import Response

from app.deps import HouseDep, Reading, allow
from app.domain.terms import FileType
from app.http.doors import Operations
from app.http.downloads import exported_file, file_answers
from app.routers.figures import PeriodParam
from app.schemas.bulletin import BulletinOut, bulletin_out
from app.services import problems, sheets
from app.services.desk import Desk
from app.services.figures import bulletin, overview, scope
from app.services.permissions import CASE_ROLES

router = Operations(tags=["statistics"])


def _made(desk: Desk, period: str | None) -> bulletin.Bulletin:
    return bulletin.make(desk, scope.period(desk, period))


@router.get("/statistics/bulletin", summary="查看季度、月度通报", **allow(*CASE_ROLES))
def get_bulletin(desk: Reading, period: PeriodParam = None) -> BulletinOut:
    """全市的季度（2026Q3）、月度（2026-10）或者年度通报：正文、各机关比较、超期清单、督办和问题清单，全部由案件实时得出。"""
    return bulletin_out(_made(desk, period), desk.today)


@router.get(
    "/statistics/bulletin.xlsx",
    summary="查看通报（表格）",
    response_class=Response,
    responses=file_answers(FileType.XLSX),
    **allow(*CASE_ROLES),
)
def get_bulletin_workbook(house: HouseDep, desk: Reading, period: PeriodParam = None) -> Response:
    """同一通报的表格；单元格一律是文字或者数字，没有公式。"""
    made = _made(desk, period)
    return exported_file(house, desk, sheets.workbook(made.sheets, desk.now), FileType.XLSX, f"{made.title}.xlsx")


@router.get(
    "/statistics/bulletin.docx",
    summary="查看通报（文稿）",
    response_class=Response,
    responses=file_answers(FileType.DOCX),
    **allow(*CASE_ROLES),
)
def get_bulletin_document(house: HouseDep, desk: Reading, period: PeriodParam = None) -> Response:
    """同一通报的文稿，可以用 Word、WPS 编辑。"""
    made = _made(desk, period)
    from app.services import papers

    content = papers.document(made.title, made.paragraphs, made.sheets)
    return exported_file(house, desk, content, FileType.DOCX, f"{made.title}.docx")


@router.get(
    "/statistics/agencies.xlsx",
    summary="查看各机关比较（表格）",
    response_class=Response,
    responses=file_answers(FileType.XLSX),
    **allow(*CASE_ROLES),
)
def get_comparison_workbook(house: HouseDep, desk: Reading, period: PeriodParam = None) -> Response:
    """各机关比较的表格，供考核使用。"""
    when = scope.period(desk, period)
    table = bulletin.comparison_sheet(overview.compare(desk, scope.city(desk), when))
    return exported_file(house, desk, sheets.workbook([table], desk.now), FileType.XLSX, f"各机关比较{when.label}.xlsx")


@router.get(
    "/problems.xlsx",
    summary="查看问题清单（表格）",
    response_class=Response,
    responses=file_answers(FileType.XLSX),
    **allow(*CASE_ROLES),
)
def get_problems_workbook(house: HouseDep, desk: Reading) -> Response:
    """问题清单的表格，最多500条。"""
    listed, _ = problems.listing(desk, problems.Query(size=500))
    return exported_file(
        house, desk, sheets.workbook([bulletin.problem_sheet(listed)], desk.now), FileType.XLSX, "问题清单.xlsx"
    )
