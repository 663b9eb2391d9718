"""统计分析: figures counted from the cases as they stand; nobody fills them in by hand."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from app.deps import PageNo, PageSize, Reading, allow
from app.domain.commands import PLAIN
from app.domain.terms import CheckCode, Mark, ReplyKind
from app.http.doors import Operations
from app.schemas.figures import (
    ApplicantFigure,
    Comparison,
    HotOut,
    LossesList,
    MarkedPage,
    OverviewOut,
    applicant_out,
    compared_out,
    hot_out,
    losses_out,
    marked_out,
    overview_out,
    period_out,
)
from app.services.figures import applicants, hot, losses, marks, overview, scope
from app.services.permissions import CASE_ROLES

router = Operations(tags=["statistics"])

AgencyParam = Annotated[str | None, Query(max_length=64, description="机关代码，不填为本机关")]
ScopeParam = Annotated[
    scope.Reach, Query(alias="scope", description="`own` 只统计这个机关；`subtree` 连同下级；只见本机关的角色总是 own")
]
PeriodParam = Annotated[
    str | None, Query(max_length=10, description="统计期：2026、2026Q1 或者 2026-03；不填为本季度", examples=["2026Q1"])
]


@router.get("/statistics/overview", summary="查看统计分析", **allow(*CASE_ROLES))
def get_overview(
    desk: Reading, agency: AgencyParam = None, scope_: ScopeParam = "subtree",
    period: PeriodParam = None,
) -> OverviewOut:  # fmt: skip
    """数量、阶段、按期率（法定和内控）、各阶段历时（不计入期限的时间列在旁边）、答复类型、渠道、申请人类别、热点、十二个月的走势，
    以及与上一统计期的比较。全部由案件实时得出，只统计政府信息公开申请。
    """
    wanted = scope.of(desk, agency, scope_)
    return overview_out(overview.overview(desk, wanted, scope.period(desk, period)), desk.today)


@router.get("/statistics/agencies", summary="查看各机关比较", **allow(*CASE_ROLES))
def compare_agencies(desk: Reading, period: PeriodParam = None) -> Comparison:
    """全市各机关的数量、按期率、纠错率、败诉率、争议发生率和黄红黑牌。

    看不到该机关案件的人，看不到其涉及个人的小数目（1—4件，及能据以推算的另一数目）。
    """
    when = scope.period(desk, period)
    found = overview.compare(desk, scope.city(desk), when)
    return Comparison(period=period_out(when), as_of=desk.today, items=[compared_out(one) for one in found])


@router.get("/statistics/hot-subjects", summary="查看申请最多的信息", **allow(*CASE_ROLES))
def list_hot_subjects(
    desk: Reading,
    agency: AgencyParam = None,
    scope_: ScopeParam = "subtree",
    period: PeriodParam = None,
    limit: Annotated[int, Field(ge=1, le=200), PLAIN, Query(description="最多多少项")] = 20,
    least: Annotated[int, Field(ge=1, le=1000), PLAIN, Query(description="至少被申请多少次")] = 2,
) -> list[HotOut]:
    """同一机关被申请最多的信息：内容相同（去除套话后相似度75以上）或者文号相同的申请合并计数。"""
    wanted = scope.of(desk, agency, scope_)
    return [hot_out(one) for one in hot.subjects(desk, wanted, scope.period(desk, period), limit, least=least)]


@router.get("/statistics/applicants", summary="查看申请最多的申请人", **allow(*CASE_ROLES))
def list_frequent_applicants(
    desk: Reading,
    agency: AgencyParam = None,
    scope_: ScopeParam = "subtree",
    period: PeriodParam = None,
    limit: Annotated[int, Field(ge=1, le=200), PLAIN, Query(description="最多多少人")] = 20,
    least: Annotated[int, Field(ge=2, le=1000), PLAIN, Query(description="至少申请多少件")] = 5,
) -> list[ApplicantFigure]:
    """统计期内申请最多的申请人（按证件号码归并，姓名已遮盖），供判断数量、频次是否明显超过合理范围（条例第35条）。"""
    wanted, when = scope.of(desk, agency, scope_), scope.period(desk, period)
    return [applicant_out(one) for one in applicants.frequent(desk, wanted, when, limit, least)]


@router.get("/statistics/remedies", summary="查看纠错率、败诉率、争议发生率", **allow(*CASE_ROLES))
def get_losses(
    desk: Reading,
    by: Annotated[losses.By, Query(description="`agency` 按机关；`reply_kind` 按答复类型；`cause` 按败因")] = "agency",
    agency: AgencyParam = None,
    scope_: ScopeParam = "subtree",
    period: PeriodParam = None,
) -> LossesList:
    """行政复议、行政诉讼分开计算，以审结的（维持、纠正、其他）为分母；通行口径，非法定。"""
    wanted, when = scope.of(desk, agency, scope_), scope.period(desk, period)
    [total] = losses.of_period(desk, wanted, when)
    return LossesList(
        period=period_out(when),
        agency_code=wanted.agency.code,
        scope=wanted.reach,
        by=by,
        total=losses_out(total),
        items=[losses_out(one, _named(by, one.key)) for one in losses.of_period(desk, wanted, when, by)],
    )


def _named(by: losses.By, key: str | None) -> str | None:
    if key is None or by == "agency":
        return None
    return ReplyKind(key).label if by == "reply_kind" else CheckCode(key).label


@router.get("/statistics/supervision", summary="查看督办清单", **allow(*CASE_ROLES))
def list_marked(
    desk: Reading,
    mark: Annotated[Mark, Query(description="哪一张清单")] = Mark.RED,
    agency: AgencyParam = None,
    scope_: ScopeParam = "subtree",
    period: PeriodParam = None,
    page: PageNo = 1,
    size: PageSize = 50,
) -> MarkedPage:
    """黄牌：距法定期限不足5个工作日；红牌：超期未办结；黑牌：本统计期内超期办结。最紧迫的在前。"""
    wanted, when = scope.of(desk, agency, scope_), scope.period(desk, period)
    found, total = marks.listed(desk, wanted, when, mark, page, size)
    items = [marked_out(one) for one in found]
    return MarkedPage(as_of=desk.today, items=items, total=total, page=page, size=size)
