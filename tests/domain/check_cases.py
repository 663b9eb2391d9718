"""Cases for the tests of the checks: a sound reply ready for signature, and what can be changed about it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from app.domain import commands
from app.domain.acts import Act
from app.domain.facts import Facts, Past
from app.domain.settings import AgencySettings
from app.domain.terms import Carrier, Channel, CheckCode, DeliveryMethod, ReplyKind, Role, State
from app.domain.workdays import WorkCalendar, build_calendar
from app.services.national_years import national_years

RECEIVED = dt.date(2026, 3, 2)
TODAY = dt.date(2026, 3, 10)
DUE = dt.date(2026, 3, 30)  # twenty working days after 2 March 2026
CALENDAR: WorkCalendar = build_calendar("CN", national_years())

REASON = (
    "所涉材料记载本机关工作人员的年度考核等次、奖惩建议和岗位调整意见，尚未公布，公开会影响考核工作的正常开展，"
    "也会损害被考核人员的合理期待"
)
CITED = {
    ReplyKind.GRANT: ["条例第36条第（二）项"],
    ReplyKind.GRANT_PUBLISHED: ["条例第36条第（一）项"],
    ReplyKind.PARTIAL: ["条例第37条"],
    ReplyKind.DENY_STATE_SECRET: ["条例第14条", "《中华人民共和国保守国家秘密法》第十三条"],
    ReplyKind.DENY_THIRD_PARTY: ["条例第15条"],
    ReplyKind.DENY_INTERNAL: ["条例第16条第1款"],
    ReplyKind.UNABLE_NOT_EXIST: ["条例第36条第（四）项"],
    ReplyKind.UNABLE_NOT_OURS: ["条例第36条第（五）项"],
    ReplyKind.UNABLE_CREATE: ["条例第38条"],
    ReplyKind.REJECT_PETITION: ["条例第39条第1款"],
    ReplyKind.REJECT_REPEAT: ["条例第36条第（六）项"],
    ReplyKind.REJECT_EXCESSIVE: ["条例第35条"],
}

Steps = Sequence[commands.Command | tuple[str, commands.Command]]


def day(month: int, number: int) -> dt.date:
    return dt.date(2026, month, number)


def item(kind: ReplyKind = ReplyKind.GRANT, no: int = 1, **fields: Any) -> commands.Conclusion:
    """Conclude on one item; a grant says little, as grants do."""
    granted = kind in {ReplyKind.GRANT, ReplyKind.GRANT_PUBLISHED}
    given: dict[str, Any] = {
        "item_no": no,
        "kind": kind,
        "found": "经检索，本机关保存有该批复" if granted else "经审查，申请内容为2025年职工考核结果",
        "reason": "该信息属于可以公开的政府信息" if granted else REASON,
        "citations": CITED[kind],
        "severability": None if granted else "全部内容均属同一性质，不能区分处理",
        "provision": "随函提供遮盖后的复印件" if kind is ReplyKind.PARTIAL else None,
    }
    return commands.Conclusion(**(given | fields))


def settings(**changes: Any) -> AgencySettings:
    given = {"reconsideration_authority": "海州市人民政府", "court": "海州市海东区人民法院"}
    return AgencySettings(**(given | changes))


def facts(
    *items: commands.Conclusion,
    before: Steps = (),
    after: Steps = (),
    body: str | None = None,
    third_party_concerned: bool = False,
    form_reason: str | None = None,
    acts: Sequence[Act] = (),
    **changes: Any,
) -> Facts:
    """A case awaiting signature with these conclusions: `before` was done ahead of the draft, `after` since.

    A step without an actor is the approver's; one without a date was done today, or in `today` of `changes`.
    """
    conclusions = items or (item(),)
    today = changes.get("today", TODAY)
    drafted = commands.Submit(
        on=day(3, 6),
        conclusions=list(conclusions),
        body=body,
        third_party_concerned=third_party_concerned,
        form_reason=form_reason,
    )
    steps: Steps = (
        *before,
        ("jingban", drafted),
        ("baomi", commands.ReviewSecrecy(on=day(3, 9), cleared=True, opinion="不涉及国家秘密")),
        *after,
    )
    given: dict[str, Any] = {
        "today": today,
        "actor": "lingdao",
        "roles": frozenset({Role.APPROVER}),
        "state": State.LEADER_REVIEW,
        "channel": Channel.IN_PERSON,
        "submitted_on": RECEIVED,
        "received_on": RECEIVED,
        "item_numbers": frozenset(conclusion.item_no for conclusion in conclusions),
        "settings": settings(),
        "calendar": CALENDAR,
        "acts": tuple(acts),
        "past": past(*steps, today=today),
        "carrier": Carrier.PAPER,
        "wanted": DeliveryMethod.POST,
        "requests_in_month": 12,
        "handler": "jingban",
        "drafter": "jingban",
        "endorser": "shenhe",
        "secrecy_cleared": True,
        "legality_passed": True,
        "conclusions": tuple(conclusions),
    }
    return Facts(**(given | changes))


def past(*steps: commands.Command | tuple[str, commands.Command], today: dt.date = TODAY) -> tuple[Past, ...]:
    named = [step if isinstance(step, tuple) else ("lingdao", step) for step in steps]
    return tuple(
        Past(command if command.on else command.model_copy(update={"on": today}), actor) for actor, command in named
    )


def let_pass(check: CheckCode, reason: str = "负责人已核实", **fields: Any) -> commands.Override:
    return commands.Override(check=check, reason=reason, **fields)
