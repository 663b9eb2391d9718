"""A case's limit as a page to print and hand over: dates, nodes with their articles, and every day with its reason.

It names the case and the agency but no person: an agency shows it to a court or an applicant, and may send it on.
"""

import base64
import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from app.domain import clock
from app.domain.clock import Line
from app.domain.days import weekday
from app.domain.fold import Consultation, gather, interval
from app.domain.limits import OPEN_QUESTIONS, ClockRules
from app.domain.masking import Veil
from app.domain.terms import ConsultationKind, LineKind, Term
from app.services import clocks, corrections, files, persons
from app.services.corrections import EntryLine
from app.services.desk import Desk, shanghai_date
from app.services.files import File

if TYPE_CHECKING:
    from jinja2 import Environment

_CSS = resources.files("app").joinpath("static", "clock", "page.css").read_text("utf-8")
_HASH = base64.b64encode(hashlib.sha256(_CSS.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The page's Content-Security-Policy: its own style sheet, and nothing else at all."""

_DETAILS = {
    "delivered_on": "对方{}收到",
    "reply_within_workdays": "期限{}个工作日",
    "workdays": "延长{}个工作日",
    "due_on": "至{}",
    "ref": "编号{}",
}


@dataclass(frozen=True, slots=True)
class _Entry:
    on: dt.date
    label: str
    detail: str
    recorded: str
    reason: str | None
    superseded_by: int | None


@dataclass(frozen=True, slots=True)
class _Letter:
    ref: str
    kind: ConsultationKind
    sent_on: dt.date
    delivered_on: dt.date | None
    answered_on: dt.date | None
    limit_on: dt.date
    ours: bool  # the limit is this service's default, not the law's
    paused: Sequence[dt.date]


def _day(value: dt.date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


@cache
def _pages() -> "Environment":
    from jinja2 import Environment, PackageLoader

    pages = Environment(loader=PackageLoader("app", "templates"), autoescape=True, trim_blocks=True)
    pages.filters |= {"day": _day, "weekday": weekday}
    return pages


def named(desk: Desk, case_id: int) -> tuple[str, str]:
    """Write the page and name its file: (name, HTML). Raises NotFound for a case the caller may not see."""
    file = files.open_file(desk, case_id)
    return f"期限计算说明-{file.case.case_no}.html", of_file(desk, file)


def of_file(desk: Desk, file: File) -> str:
    """Write the page of a case that is open, as it stands on the desk's day."""
    case, reading, calendar, veil = file.case, file.reading, file.calendar, persons.veil_of(file)
    lines: Sequence[Line] = ()
    letters: list[_Letter] = []
    if case.received_on is not None:
        lines = clock.explain(case.received_on, file.acts, file.rules, calendar)
        history = gather(case.received_on, file.acts, file.rules)
        letters = [_letter(letter, file, lines) for letter in history.consultations.values()]
    days = [calendar.day(line.on) for line in lines]
    state = f"{reading.clock.label}{f'，{reading.waiting.label}' if reading.waiting else ''}" if reading else ""
    return (
        _pages()
        .get_template("clock_page.html")
        .render(
            css=Markup(_CSS),  # noqa: S704 — our own file, and the policy allows exactly its hash
            case_no=case.case_no,
            agency=file.agency.name,
            channel=case.channel.label,
            region=file.agency.region,
            submitted_on=shanghai_date(case.submitted_at),
            reading=reading,
            state=state,
            replied_on=reading.stopped_on if reading else None,
            counted=sum(line.counted for line in lines),
            as_of=desk.today,
            nodes=file.nodes,
            entries=[
                _entry(line, veil) for line in sorted(corrections.history(desk, case.id), key=lambda line: line.on)
            ],
            letters=letters,
            lines=lines,
            questions=[_question(file.rules, q.setting, q.label, q.note) for q in OPEN_QUESTIONS],
            calendar=calendar,
            sources=list(dict.fromkeys(day.source for day in days)),
        )
    )


def _entry(line: EntryLine, veil: Veil) -> _Entry:
    told = {name: line.data.get(name) for name in _DETAILS}
    return _Entry(
        on=line.on,
        label=line.label,
        detail="，".join(_DETAILS[name].format(value) for name, value in told.items() if value is not None),
        recorded=clocks.in_shanghai(line.recorded_at).strftime("%Y-%m-%d %H:%M"),
        reason=veil.over_all(line.reason),
        superseded_by=line.superseded_by,
    )


def _letter(letter: Consultation, file: File, lines: Sequence[Line]) -> _Letter:
    start, end = interval(letter, file.rules, file.calendar, file.rules.pause_reading)
    return _Letter(
        ref=letter.ref,
        kind=letter.kind,
        sent_on=letter.sent_on,
        delivered_on=letter.delivered_on,
        answered_on=letter.answered_on,
        limit_on=letter.limit_on(file.rules, file.calendar),
        ours=letter.kind is ConsultationKind.OTHER_AGENCY,
        paused=[line.on for line in lines if line.kind is LineKind.PAUSED and start < line.on <= end],
    )


def _question(rules: ClockRules, setting: str, label: str, note: str) -> dict[str, str]:
    chosen: Any = getattr(rules, setting)
    return {
        "label": label,
        "chosen": chosen.label if isinstance(chosen, Term) else "是" if chosen else "否",
        "note": note,
    }
