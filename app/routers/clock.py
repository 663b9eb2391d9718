"""期限：计算器、案件的期限记录及其更正."""

from fastapi import Response

from app.deps import Asking, CaseId, Reading, Write, allow, anybody
from app.domain.limits import ClockRules
from app.domain.terms import Role
from app.http.doors import Operations
from app.http.downloads import attached
from app.schemas import present
from app.schemas.cases import CaseOut
from app.schemas.clock import ClockOut, ClockPreview, clock_out
from app.schemas.corrections import Entries, entries_out
from app.schemas.limits import LimitList, limit_list
from app.services import clock_page, clock_views, corrections, persons
from app.services.corrections import Correction
from app.services.permissions import CASE_ROLES

router = Operations(tags=["clock"])


@router.post("/clock/preview", summary="试算期限", **anybody())
def preview_clock(question: ClockPreview, inquiry: Asking) -> ClockOut:
    """不登记案件，按收到之日和已发生的行为试算各项期限，逐日说明理由（条例第30条至第35条）。

    行为按日期先后填写。不可能的顺序、第二次补正、超过20个工作日或者期限届满后的延长，逐条退回说明。

    无需登录，任何网站都可以用作期限计算器；最多100个行为，期限最长五年。
    """
    overrides = question.calendar_overrides
    calendar = inquiry.book.of(question.region).with_overrides(overrides.off, overrides.work)
    rules = ClockRules(local_limit=question.local_limit_workdays, **question.readings.model_dump())
    as_of = question.as_of or inquiry.today
    view = clock_views.preview(calendar, rules, question.received_on, question.acts, as_of, question.submitted_on)
    return clock_out(view)


@router.get("/clock/limits", summary="查看各项期限及其依据", **anybody())
def list_limits() -> LimitList:
    """每一项期限：多长、依据哪一条、自何时施行、是否核对过原文；以及法律没有明文、由机关设定的计算口径和默认值。

    无需登录。未核对原文的（`verified` 为 false）是系统默认或者通行做法，不是法律规定。
    """
    return limit_list()


@router.get("/cases/{case_id}/clock/entries", summary="查看期限记录", **allow(*CASE_ROLES))
def list_clock_entries(case_id: CaseId, desk: Reading) -> Entries:
    """影响期限的每一次行为，按登记先后；被更正、被撤销的也列出，注明何人、何时、因何更正。"""
    return entries_out(corrections.history(desk, case_id), persons.veil_of_case(desk, case_id))


@router.post(
    "/cases/{case_id}/clock/corrections",
    summary="更正期限记录",
    response_model=CaseOut,
    **allow(Role.AGENCY_SUPERVISOR, Role.APPROVER),
)
def correct_clock(case_id: CaseId, body: Correction, write: Write) -> Response:
    """日期记错、误记、漏记的，由机关督办员或者签发人写明原因后更正；原记录保留，期限随之重算，前后日期记入日志。

    - **更正一条**：`entry_id` 和 `changes`，只填有误的字段。
    - **撤销一条**：`entry_id` 和 `retract: true`；决定案件阶段的行为（补正、答复、送达等）只能更正日期。
    - **更正收到之日**：`received_on`。
    - **补录一条**：`add`，如漏记的送达、征求意见。
    - 更正后的先后顺序不可能的，逐条退回；案件归档后不能更正。
    """
    return write.answer(
        200,
        lambda desk: present.case_out(desk, corrections.correct(desk, case_id, body, write.seen_version)),
        lambda case: {"ETag": f'"{case.version}"'},
    )


@router.get(
    "/cases/{case_id}/clock/page",
    summary="打印期限计算说明",
    response_class=Response,
    responses={200: {"description": "网页文件", "content": {"text/html": {}}}},
    **allow(*CASE_ROLES),
)
def print_clock(case_id: CaseId, desk: Reading) -> Response:
    """可以打印、提交法院或者复议机关的说明：下载的是一个网页文件，用浏览器打开后打印。内容有各节点的日期和条文、逐日的理由、征求意见期间、其他读法、日历的版本和出处。

    不含申请人的个人信息，不含脚本，不引用其他网址。
    """
    name, html = clock_page.named(desk, case_id)
    return attached(html, "text/html", name, {"Content-Security-Policy": clock_page.POLICY})
