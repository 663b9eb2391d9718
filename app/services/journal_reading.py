"""Reading the journal, for the audit administrator (安全审计员): who did what when, of the agencies in his part of the tree.

Rows are shown as they were written but for their words, which are sealed and stay so: he examines acts and reads no case.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import select

from app.domain.commands import PLAIN, Strict
from app.models import Agency, JournalEntry, Seal
from app.services import cursors, journal
from app.services.desk import SHANGHAI, Desk


class Query(Strict):
    """What the rows are narrowed to."""

    act: str | None = Field(None, max_length=64, description="操作代码，如 refused、sign_in_failed、roles_changed")
    actor: str | None = Field(None, max_length=64, description="操作人的登录名，接口密钥为 key: 加前缀")
    agency: str | None = Field(None, max_length=64, description="机关代码")
    about: Literal["cases", "others"] | None = Field(
        None, description="`cases` 只看案件的操作；`others` 只看其余的：登录、拒绝、账号、权限、设置、导出等"
    )
    case_id: Annotated[int, Field(ge=1, le=2**53), PLAIN] | None = Field(None, description="案件的 id")
    on_from: dt.date | None = Field(None, description="记录之日自")
    on_to: dt.date | None = Field(None, description="记录之日至")
    limit: Annotated[int, Field(ge=1, le=500), PLAIN] = Field(100, description="最多多少条")
    cursor: str | None = Field(None, max_length=400, description="上一页给出的 next")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the journal, with its number once it has been sealed."""

    entry: JournalEntry
    agency_code: str
    sequence: int | None


@dataclass(frozen=True, slots=True)
class Page:
    items: Sequence[Row]
    next: str | None


def page(desk: Desk, query: Query) -> Page:
    """Return one page, the newest first; a row that another hand has made unreadable is `verify`'s to name. Raises BadCursor."""
    narrowed = query.model_dump(mode="json", exclude={"cursor"}, exclude_none=True)
    scope = (desk.actor.account, "journal", *(f"{name}={value}" for name, value in sorted(narrowed.items())))
    before = cursors.read(desk.settings.key, scope, query.cursor)[0] if query.cursor else None
    conditions = [
        JournalEntry.act == query.act if query.act else None,
        JournalEntry.actor == query.actor if query.actor else None,
        Agency.code == query.agency if query.agency else None,
        JournalEntry.case_id.is_not(None) if query.about == "cases" else None,
        JournalEntry.case_id.is_(None) if query.about == "others" else None,
        JournalEntry.case_id == query.case_id if query.case_id else None,
        JournalEntry.at >= _midnight(query.on_from) if query.on_from else None,
        JournalEntry.at < _midnight(query.on_to) + dt.timedelta(days=1) if query.on_to else None,
        JournalEntry.id < before if before is not None else None,
    ]
    found = desk.session.execute(
        select(JournalEntry.id, Agency.code, Seal.sequence)
        .select_from(JournalEntry)
        .join(Agency, Agency.id == JournalEntry.agency_id)
        .outerjoin(Seal, Seal.entry_id == JournalEntry.id)
        .where(
            Agency.path.startswith(desk.actor.agency_path, autoescape=True),
            *(condition for condition in conditions if condition is not None),
        )
        .order_by(JournalEntry.id.desc())
        .limit(query.limit + 1)
    ).all()
    shown = found[: query.limit]
    entries = journal.read(desk.session, [entry_id for entry_id, _, _ in shown])
    rows = [Row(entry, code, sequence) for entry_id, code, sequence in shown if (entry := entries[entry_id])]
    more = len(found) > query.limit
    return Page(rows, cursors.make(desk.settings.key, scope, [shown[-1][0]]) if more else None)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), SHANGHAI)
