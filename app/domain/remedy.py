"""How an applicant may contest a reply: which authority reconsiders, what the clause says, whether a text is right.

Since 2024 a government department's replies are reconsidered by the government at its own level alone, no longer by its
superior department at choice (行政复议法第24条). Templates from before 2024 are wrong and are caught here.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.domain.replies import remedy_orders
from app.domain.terms import AgencyKind, RemedyOrder, ReplyKind

RECONSIDERATION_DAYS = 60
LITIGATION_MONTHS = 6
LITIGATION_AFTER_RECONSIDERATION_DAYS = 15

_THREE_MONTHS = re.compile(r"(?:三|3|３)个月[^。；]{0,40}(?:诉讼|起诉)")
_SIX_MONTHS = re.compile(r"(?:六|6|６)个月")
_SIXTY_DAYS = re.compile(r"(?:六十|(?<!\d)60|６０)(?:日|天)")
_FIFTEEN_DAYS = re.compile(r"(?:十五|(?<!\d)15|１５)(?:日|天)")
_OLD_CHOICE = re.compile(r"上一?级(?:行政)?(?:主管|业务)(?:部门|机关)")
_NUMERAL = r"([0-9０-９〇零一二三四五六七八九十百]{1,5})"
_APPLY_WITHIN = re.compile(
    rf"{_NUMERAL}(日|天|个工作日|个月)(?:之|以)?内[^。；，]{{0,30}}(?:申请|提起|提出)(?:行政)?复议"
)
_SUE_WITHIN = re.compile(rf"{_NUMERAL}(日|天|个工作日|个月)(?:之|以)?内[^。；，]{{0,40}}(?:诉讼|起诉)")
_ADDRESS = re.compile(r"https?://|www\.|[A-Za-z0-9-]+\.(?:gov\.)?cn", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReplyingAgency:
    """What must be known of an agency to name its reconsideration authority.

    `government`: the people's government it belongs to or was set up by. `superior`: the next government up for a
    government, the next competent department up for a vertical or judicial department, the State Council department for
    its bodies. `seat_government`: where a district body sits.
    """

    name: str
    kind: AgencyKind
    government: str | None = None
    superior: str | None = None
    seat_government: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """The authorities among which the applicant may choose, mostly one, and the article that says so.

    `ruling`: after the decision the State Council may be asked for a final ruling instead of a lawsuit (复议法第26条).
    """

    authorities: tuple[str, ...]
    basis: str
    ruling: bool = False

    def __str__(self) -> str:
        return "或者".join(self.authorities)


# Which fields of the agency name the authorities, and the article; several fields are the applicant's choice.
_ROUTES: dict[AgencyKind, tuple[tuple[str, ...], str]] = {
    AgencyKind.PROVINCIAL_GOVERNMENT: (("name",), "行政复议法第24条第2款"),
    AgencyKind.LOCAL_GOVERNMENT: (("superior",), "行政复议法第24条第1款第（二）项"),
    AgencyKind.DEPARTMENT: (("government",), "行政复议法第24条第1款第（一）项"),
    AgencyKind.DISPATCHED_OFFICE: (("government",), "行政复议法第24条第1款第（三）项"),
    AgencyKind.DISPATCHED_BODY: (("government",), "行政复议法第24条第4款"),
    AgencyKind.DISTRICT_BODY: (("government", "seat_government"), "行政复议法第24条第4款"),
    AgencyKind.AUTHORIZED_ORGANIZATION: (("government",), "行政复议法第24条第1款第（四）项"),
    AgencyKind.JUSTICE_DEPARTMENT: (("government", "superior"), "行政复议法第28条"),
    AgencyKind.VERTICAL: (("superior",), "行政复议法第27条"),
    AgencyKind.STATE_COUNCIL_DEPARTMENT: (("name",), "行政复议法第25条第（一）项"),
    AgencyKind.STATE_COUNCIL_BODY: (("superior",), "行政复议法第25条第（二）项、第（三）项"),
}

_FIELD_LABELS = {"government": "所属人民政府", "superior": "上一级机关", "seat_government": "所在地人民政府"}


def reconsideration_authority(agency: ReplyingAgency) -> Route:
    """Where this agency's replies are reconsidered (行政复议法第24–28条).

    ValueError, in Chinese, if the agency's description lacks the name of that authority.
    """
    fields, basis = _ROUTES[agency.kind]
    authorities: list[str] = []
    for field in fields:
        authority: str | None = getattr(agency, field)
        if not authority:
            raise ValueError(f"{agency.name}（{agency.kind.label}）未登记{_FIELD_LABELS[field]}，无法确定行政复议机关")
        authorities.append(authority)
    return Route(tuple(dict.fromkeys(authorities)), basis, ruling=fields == ("name",))


def remedy_clause(
    kinds: Iterable[ReplyKind],
    route: Route,
    court: str,
    *,
    online_channel: str | None = None,
    without_review: Collection[ReplyKind] = frozenset(),
) -> str:
    """The paragraph of the reply that tells the applicant what he may do.

    Where part was refused under 条例第14–16条 and part was not, it has a sentence for each. `online_channel`, the
    address for an application for reconsideration, is due whenever the reply goes out over the internet
    (行政复议法第22条第2款).
    `without_review`: see `replies.remedy_orders`.
    """
    orders = remedy_orders(kinds, without_review=without_review)
    mixed = len(orders) > 1
    sentences = []
    if RemedyOrder.REVIEW_FIRST in orders:
        subject = "本答复中不予公开的部分" if mixed else "本答复"
        sentences.append(
            f"对{subject}不服的，应当自收到本答复之日起{RECONSIDERATION_DAYS}日内先向{route}申请行政复议；"
            f"对行政复议决定不服的，可以自收到行政复议决定书之日起{LITIGATION_AFTER_RECONSIDERATION_DAYS}日内"
            f"向{court}提起行政诉讼{_ruling(route)}。"
        )
    if RemedyOrder.EITHER in orders:
        subject = "本答复的其他部分" if mixed else "本答复"
        sentences.append(
            f"对{subject}不服的，可以自收到本答复之日起{RECONSIDERATION_DAYS}日内向{route}申请行政复议，"
            f"或者自收到本答复之日起{LITIGATION_MONTHS}个月内向{court}提起行政诉讼。"
        )
    if online_channel:
        sentences.append(f"行政复议申请书可以通过互联网渠道提交：{online_channel}")
    return "".join(sentences)


def check_remedy(
    text: str,
    kinds: Iterable[ReplyKind],
    route: Route,
    court: str,
    *,
    delivered_online: bool = False,
    without_review: Collection[ReplyKind] = frozenset(),
) -> list[str]:
    """What is wrong with a remedy clause written by hand, in Chinese; empty when nothing is (K17, K18)."""
    orders = remedy_orders(kinds, without_review=without_review)
    plain = re.sub(r"\s", "", text)
    rules = (
        (bool(_THREE_MONTHS.search(plain)), "起诉期限为6个月，“3个月”是2015年前行政诉讼法的规定（行政诉讼法第46条）"),
        (not _SIXTY_DAYS.search(plain), "没有写明60日的行政复议申请期限（行政复议法第20条）"),
        *(
            (name not in plain, f"没有写明行政复议机关“{name}”（{route.basis}）")
            for name in map(_plain, route.authorities)
        ),
        (_plain(court) not in plain, f"没有写明有管辖权的人民法院“{court}”"),
        (
            RemedyOrder.EITHER in orders and not _SIX_MONTHS.search(plain),
            "没有写明6个月的起诉期限（行政诉讼法第46条）",
        ),
        (
            orders == {RemedyOrder.REVIEW_FIRST} and bool(_SIX_MONTHS.search(plain)),
            "不予公开须先申请行政复议，不能告知直接起诉（行政复议法第23条第1款第（四）项）",
        ),
        (
            RemedyOrder.REVIEW_FIRST in orders and "先" not in plain,
            "没有告知应当先申请行政复议（行政复议法第23条第2款）",
        ),
        (
            RemedyOrder.REVIEW_FIRST in orders and not _FIFTEEN_DAYS.search(plain),
            "没有写明对行政复议决定不服的15日起诉期限（行政诉讼法第45条）",
        ),
        (
            bool(_OLD_CHOICE.search(plain)) and not any("主管部门" in name for name in route.authorities),
            f"“上一级主管部门”已不是行政复议机关，应为{route}（{route.basis}）",
        ),
        (
            delivered_online and not _ADDRESS.search(plain),
            "通过互联网送达的，应当提供提交行政复议申请书的互联网渠道（行政复议法第22条第2款）",
        ),
    )
    return [message for wrong, message in rules if wrong]


def check_added_text(text: str, kinds: Iterable[ReplyKind]) -> list[str]:
    """What a drafter's own words say wrongly of the remedies, in Chinese; empty when nothing is (K17).

    The service writes the clause itself, so a text that says nothing of remedies is right.
    """
    plain = re.sub(r"\s", "", text)
    faults = [
        f"“{match[0]}”有误：行政复议的申请期限为60日（行政复议法第20条）"
        for match in _APPLY_WITHIN.finditer(plain)
        if not (_SIXTY_DAYS.fullmatch(match[1] + "日") and match[2] in {"日", "天"})
    ]
    direct = False
    for match in _SUE_WITHIN.finditer(plain):
        six_months = match[2] == "个月" and bool(_SIX_MONTHS.fullmatch(match[1] + "个月"))
        fifteen_days = match[2] in {"日", "天"} and bool(_FIFTEEN_DAYS.fullmatch(match[1] + "日"))
        direct = direct or six_months
        if not (six_months or fifteen_days):
            faults.append(
                f"“{match[0]}”有误：直接起诉的期限为6个月（行政诉讼法第46条），"
                "不服行政复议决定的起诉期限为15日（行政诉讼法第45条）"
            )
    if direct and remedy_orders(kinds) == {RemedyOrder.REVIEW_FIRST}:
        faults.append("不予公开须先申请行政复议，不能告知直接起诉（行政复议法第23条第1款第（四）项）")
    if _OLD_CHOICE.search(plain) and "复议" in plain:
        faults.append("不能笼统写“上一级主管部门”，行政复议机关应当写明全称（行政复议法第24条）")
    return faults


def _plain(name: str) -> str:
    return re.sub(r"\s", "", name)


def _ruling(route: Route) -> str:
    return "，也可以向国务院申请裁决，国务院依法作出最终裁决" if route.ruling else ""
