"""案件: reading, and one typed POST for every row of the workflow table."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import Query, Response

from app.deps import CaseId, Reading, Write, Writing, allow
from app.domain import commands
from app.domain.commands import Command
from app.domain.machine import Step
from app.domain.terms import CaseKind, Doc, Role, Scope, State
from app.domain.workflow import WORKFLOWS
from app.http.doors import Operations
from app.schemas import present
from app.schemas.cases import Actions, CaseOut, CasePage, Timeline
from app.schemas.checks import CheckList, ReviewListOut, check_list, review_list_out
from app.schemas.clock import ClockOut, clock_out
from app.services import cases, clock_views, files, review_list, warnings
from app.services.permissions import CASE_ROLES

router = Operations()


@router.get("/cases", tags=["cases"], summary="查询案件列表", **allow(*CASE_ROLES))
def list_cases(desk: Reading, query: Annotated[cases.Query, Query()]) -> CasePage:
    """按条件查询您能看到的案件；`q` 在案号、申请人、申请内容中查找（按人查找请用 `POST /cases/search`）。"""
    found, total = cases.listing(desk, query)
    items = [present.case_summary(row) for row in found]
    return CasePage(items=items, total=total, page=query.page, size=query.size)


@router.post("/cases/search", tags=["cases"], summary="查询某人的案件", **allow(*CASE_ROLES, scope=Scope.READ))
def search_cases(desk: Reading, query: cases.CaseSearch) -> CasePage:
    """条件与“查询案件列表”相同，写在正文里：按姓名、证件号码、电话查找的，请用这里——地址会留在网关和浏览器的记录中，正文不会。

    自然人的姓名、证件号码、电话须完整填写才能找到；案号、申请内容和单位名称可以只填一部分。
    """
    found, total = cases.listing(desk, query)
    items = [present.case_summary(row) for row in found]
    return CasePage(items=items, total=total, page=query.page, size=query.size)


@router.get("/cases/{case_id}", tags=["cases"], summary="查看一件案件", **allow(*CASE_ROLES))
def get_case(case_id: CaseId, desk: Reading, response: Response) -> CaseOut:
    """案件的全部内容：申请、期限、答复稿、送达。响应头 `ETag` 是版本号，写操作可用 `If-Match` 带上。"""
    file = files.open_file(desk, case_id)
    response.headers["ETag"] = f'"{file.case.version}"'
    return present.case_out(desk, file)


@router.get("/cases/{case_id}/actions", tags=["cases"], summary="查看现在能做什么", **allow(*CASE_ROLES))
def list_actions(case_id: CaseId, desk: Reading) -> Actions:
    """先用一句话说您现在能做什么；再列出流程中的每一个操作，能不能做，不能做的逐条说明原因和依据。"""
    return present.actions(*cases.options(desk, case_id))


@router.get("/cases/{case_id}/clock", tags=["cases"], summary="查看期限及其理由", **allow(*CASE_ROLES))
def get_clock(case_id: CaseId, desk: Reading) -> ClockOut:
    """法定期限、内控期限、各关键节点，以及逐日计入或者不计入的理由。"""
    return clock_out(clock_views.of_case(desk, case_id))


@router.get("/cases/{case_id}/checks", tags=["cases"], summary="查看答复前检查", **allow(*CASE_ROLES))
def list_checks(case_id: CaseId, desk: Reading) -> CheckList:
    """答复发出前的三十项检查（K01–K30）：每一项问什么、依据、是否通过、发现了什么；拦截项未解决不能签发、发出或者归档。

    `warnings` 是类案提示：本市曾在复议、诉讼中被纠正、与本案相似的答复（答复类型、依据、申请内容或者败因相同），只提示，不拦截。
    """
    return check_list(*warnings.of_case(desk, files.open_file(desk, case_id)))


@router.get("/cases/{case_id}/review-list", tags=["cases"], summary="查看审核要点", **allow(*CASE_ROLES))
def list_review_points(case_id: CaseId, desk: Reading) -> ReviewListOut:
    """交办之前的审核要点（条例第29条、第30条、第35—39条）：逐项说明审核什么、系统看到的情况和可能需要的操作。

    送审之后另列答复文稿的五关：政治关、法律关、政策关、保密关、文字关，其中能由答复前检查判断的附上检查结果。
    所列情况只是提示（如申请中的字样、相似的申请和已公开的文件），由审核人判断，不影响任何操作。
    """
    return review_list_out(review_list.of_case(desk, case_id))


@router.get("/cases/{case_id}/timeline", tags=["cases"], summary="查看办理经过", **allow(*CASE_ROLES))
def get_timeline(case_id: CaseId, desk: Reading) -> Timeline:
    """案件的每一次操作：何人、何日、何事。其中的个人信息已遮盖。"""
    veil, entries = cases.timeline(desk, case_id)
    return Timeline(items=[present.timeline_entry(entry, veil) for entry in entries])


FOLDED_OVER = 3

Rows = Mapping[CaseKind, Step]
"""One action: its row in the table of every kind of case that has it."""


def _described(rows: Rows) -> str:
    """Write an action's Swagger text from its rows; for each kind of case, if it is not for requests alone."""
    if set(rows) == {CaseKind.DISCLOSURE}:
        return _row_described(rows[CaseKind.DISCLOSURE])
    alike: dict[str, list[str]] = {}
    for kind, step in rows.items():
        alike.setdefault(_row_described(step), []).append(kind.label)
    return "\n\n".join(f"**{'、'.join(kinds)}**\n\n{text}" for text, kinds in alike.items())


def _row_described(step: Step) -> str:
    parts = [
        step.about,
        f"- **依据**：{step.basis}",
        f"- **可在**：{'、'.join(state.label for state in State if state in step.sources)}",
        f"- **之后**：{step.target.label if step.target else '状态不变'}",
        f"- **对期限的影响**：{step.clock.effect if step.clock else '无'}",
    ]
    if step.issues:
        parts.append(f"- **生成文书**：{'、'.join(doc.label for doc in Doc if doc in step.issues)}")
    return "\n".join([*parts, *_folded([rule.message for rule in step.rules])])


def _folded(rules: list[str]) -> list[str]:
    """List when a step may not be taken; a long list is folded, so that it does not push the body off the screen."""
    if not rules:
        return []
    if len(rules) <= FOLDED_OVER:
        return ["- **不能进行的情形**：", *(f"    - {message}" for message in rules)]
    lines = (f"- {message}" for message in rules)
    return ["", f"<details><summary>不能进行的情形（{len(rules)}项）</summary>", "", *lines, "", "</details>"]


def _endpoint(step: Step) -> Callable[..., Response]:
    def take_step(case_id: int, body: Command, write: Writing) -> Response:
        return write.answer(
            200,
            lambda desk: present.case_out(desk, cases.act(desk, case_id, body, write.seen_version)),
            lambda case: {"ETag": f'"{case.version}"'},
        )

    take_step.__annotations__ = {"case_id": CaseId, "body": step.command, "write": Write, "return": Response}
    take_step.__name__ = f"{step.action}_case"
    return take_step


def _actions() -> dict[str, dict[CaseKind, Step]]:
    found: dict[str, dict[CaseKind, Step]] = {}
    for kind, workflow in WORKFLOWS.items():
        for step in workflow.rows:
            found.setdefault(step.action, {})[kind] = step
    return found


_SCOPES: Mapping[type[Command], Scope] = {
    commands.ReceiveCorrection: Scope.SUPPLEMENT,
    commands.Withdraw: Scope.SUPPLEMENT,
    commands.RecordPayment: Scope.PAYMENT,
    commands.RecordCorrectionDelivery: Scope.DELIVERY,
    commands.RecordFeeDelivery: Scope.DELIVERY,
    commands.ConfirmDelivery: Scope.DELIVERY,
}
"""What a portal passes on; every other action is the office's own work."""

for _rows in _actions().values():
    _step = next(iter(_rows.values()))  # the main table's, if it has the action
    router.add_api_route(
        f"/cases/{{case_id}}/{_step.action}",
        _endpoint(_step),
        methods=["POST"],
        tags=[_step.stage.value],
        summary=_step.label,
        description=_described(_rows),
        response_model=CaseOut,
        **allow(
            *(role for role in Role if any(role in step.roles for step in _rows.values())),
            scope=_SCOPES.get(_step.command),
        ),
    )
