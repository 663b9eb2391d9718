"""What an applicant is told of his own case: where it stands, in plain words, and what is asked of him now.

Nothing of the inside: no names of staff, no reviews, no local limit, no outcome before it was served.
"""

from dataclasses import dataclass
from datetime import date

from app.domain import acts, commands
from app.domain.charging import amount_due
from app.domain.facts import Facts
from app.domain.nodes import Node
from app.domain.terms import ApplicantTask, CaseKind, ClockState, NodeKind, State


@dataclass(frozen=True, slots=True)
class Request:
    """Something the applicant is asked to do; `by` is None while the agency does not know when the notice arrived."""

    task: ApplicantTask
    text: str
    by: date | None
    amount_yuan: int | None = None


_SENTENCES = {
    State.REGISTERED: "申请已经收到，等待受理。",
    State.REVIEWING: "申请已经受理，正在审核申请的内容。",
    State.AWAITING_CORRECTION: "申请的内容不明确，请按通知补正。",
    State.HANDLING: "正在检索、核实您申请的内容。",
    State.AWAITING_PAYMENT: "请按收费通知缴纳信息处理费。",
    State.SECTION_REVIEW: "正在拟定答复。",
    State.LEADER_REVIEW: "正在拟定答复。",
    State.SIGNED: "答复已经作出，即将发出。",
    State.DELIVERING: "答复已经发出，请注意查收。",
    State.DELIVERED: "答复已经送达，本件办结。",
}
_ENDINGS: dict[type[commands.Command], str] = {
    commands.Withdraw: "您已经撤回申请，本件结案。",
    commands.CloseUncorrected: "逾期没有补正，视为放弃申请，本件结案。",
    commands.CloseUnpaid: "逾期没有缴费，视为放弃申请，本件结案。",
    commands.Merge: "本件已经与您的另一件申请合并办理，请查询另一件。",
}
_UNANSWERED = frozenset({State.REVIEWING, State.AWAITING_CORRECTION, State.HANDLING, State.AWAITING_PAYMENT})


def sentence(facts: Facts) -> str:
    """Say where the case stands."""
    said = _said(facts)
    return said if facts.kind is CaseKind.DISCLOSURE else said.replace("答复", "处理决定")


def _said(facts: Facts) -> str:
    if facts.received_on is None:
        return "申请已经登记，机关将与您联系确认收到；自双方确认之日起计算答复期限。"
    if facts.state in {State.CLOSED, State.ARCHIVED}:
        ended = [_ENDINGS[type(past.command)] for past in facts.past if type(past.command) in _ENDINGS]
        return ended[-1] if ended else _SENTENCES[State.DELIVERED]
    if facts.reading is not None and facts.reading.clock is ClockState.PAUSED and facts.state is State.HANDLING:
        return "正在征求第三方或者有关机关的意见，所需时间不计算在答复期限内。"
    return _SENTENCES[facts.state]


def requests(facts: Facts, nodes: tuple[Node, ...]) -> tuple[Request, ...]:
    """List what is asked of the applicant now (条例第30条、第35条、第42条)."""
    found = []
    if facts.state is State.AWAITING_CORRECTION and (notice := facts.last(commands.RequestCorrection)):
        text = f"{notice.unclear}；{notice.required}"
        found.append(Request(ApplicantTask.CORRECTION, text, _open_node(nodes, NodeKind.CORRECTION_REPLY)))
    if facts.state is State.AWAITING_PAYMENT and (bill := facts.last(commands.NotifyFee)):
        by = _open_node(nodes, NodeKind.FEE_PAYMENT)
        found.append(Request(ApplicantTask.PAYMENT, bill.payment, by, amount_due(facts, bill)))
    asked = facts.last(commands.RequestReasons)
    if asked and facts.state in _UNANSWERED and not facts.made(acts.ReasonsReceived):
        found.append(Request(ApplicantTask.REASONS, asked.circumstances, _reasons_by(facts)))
    return tuple(found)


def _open_node(nodes: tuple[Node, ...], kind: NodeKind) -> date | None:
    return next((node.due_on for node in nodes if node.node is kind and node.met_on is None), None)


def _reasons_by(facts: Facts) -> date | None:
    act = next((act for act in facts.acts if isinstance(act, acts.ReasonsRequested)), None)
    if act is None or act.delivered_on is None or act.reply_within_workdays is None:
        return None
    return facts.calendar.nth_after(act.delivered_on, act.reply_within_workdays)
