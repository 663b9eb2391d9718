"""Showing personal data unmasked: field by field, for a reason, so many a day, each field a row of the journal."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field
from sqlalchemy import func, select

from app.domain.commands import Line, Strict
from app.domain.settings import AgencySettings
from app.domain.terms import CaseKind, PersonalField, Role
from app.domain.workflow import complaint
from app.errors import Forbidden, TooManyRequests
from app.models import Agency, JournalEntry, User
from app.services import files, journal, persons
from app.services.desk import SHANGHAI, Desk
from app.services.documents import refuse_erased

ACT, LABEL = "personal_data_revealed", "显示个人信息"

CLERKS = frozenset({Role.INTAKE_CLERK, Role.HANDLER, Role.ARCHIVIST})
"""Whose work needs true values: writing to the applicant, calling him, holding the volume against his papers."""

REVEALERS = CLERKS | complaint.SUPERVISORS
"""Supervisors only where they handle the case themselves: a complaint."""


def _each_once(fields: list[PersonalField]) -> list[PersonalField]:
    return list(dict.fromkeys(fields))


class Reveal(Strict):
    """What is wanted, and what for."""

    fields: Annotated[list[PersonalField], AfterValidator(_each_once)] = Field(
        min_length=1, max_length=len(PersonalField), description="要看的项目，逐项列出", examples=[["phone"]]
    )
    reason: Line = Field(min_length=4, description="为什么需要", examples=["电话联系申请人确认收到之日"])


def reveal(desk: Desk, case_id: int, wanted: Reveal) -> Mapping[PersonalField, Sequence[str]]:
    """Return the values of the wanted fields, each of which counts towards the day's limit and is journalled.

    Raises NotFound, Forbidden for keys and for supervisors of another's case, ActionRefused for an erased case, and
    TooManyRequests once the limit is reached. The journal keeps which fields and why, never a value.
    """
    file = files.open_file(desk, case_id)
    if desk.actor.is_key:
        raise Forbidden("个人信息只显示给人，不提供给接口密钥")
    if not desk.actor.roles & (REVEALERS if file.case.kind is CaseKind.COMPLAINT else CLERKS):
        raise Forbidden("督办人员只能显示自己办理的投诉举报中的个人信息")
    refuse_erased(file.case)
    _count(desk, len(wanted.fields))
    found: dict[PersonalField, list[str]] = defaultdict(list)
    for field, text in persons.of_file(file):
        found[field].append(text)
    for field in wanted.fields:
        journal.record(desk, ACT, LABEL, case=file.case, data={"field": field.value}, private={"reason": wanted.reason})
    return {field: list(dict.fromkeys(found[field])) for field in wanted.fields}


def _count(desk: Desk, more: int) -> None:
    """Refuse what would go beyond the day's limit; the caller's row is held, so that two requests count one another."""
    desk.session.execute(select(User.id).where(User.username == desk.actor.name).with_for_update())
    today = select(func.count()).where(
        JournalEntry.act == ACT, JournalEntry.actor == desk.actor.name, JournalEntry.on == desk.today
    )
    agency = desk.session.get_one(Agency, desk.actor.agency_id)
    limit = AgencySettings.model_validate(agency.settings).reveals_per_day
    used = desk.session.scalar(today) or 0
    if used + more > limit:
        midnight = dt.datetime.combine(desk.today + dt.timedelta(days=1), dt.time(), SHANGHAI)
        raise TooManyRequests(
            f"每人每天最多显示{limit}项个人信息，今天已显示{used}项",
            headers={"Retry-After": str(max(1, int((midnight - desk.now).total_seconds())))},
        )
