"""Filters of the work list that a person keeps under a name; each sees only their own."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import Clash, NotFound
from app.models import SavedFilter
from app.models.keyring import keyring_of
from app.services import journal, secret_box
from app.services.desk import Desk

MOST = 30
_PURPOSE = "saved filter"


def listing(desk: Desk) -> Sequence[SavedFilter]:
    """Return the caller's filters by name."""
    own = select(SavedFilter).where(SavedFilter.owner == desk.actor.name)
    return sorted(desk.session.scalars(own), key=lambda row: row.name)


def one(desk: Desk, filter_id: int) -> SavedFilter:
    """Find one of the caller's filters; raises `NotFound` for an unknown one and for somebody else's."""
    own = select(SavedFilter).where(SavedFilter.id == filter_id, SavedFilter.owner == desk.actor.name)
    found = desk.session.scalar(own)
    if found is None:
        raise NotFound("没有这个常用筛选")
    return found


def save(desk: Desk, name: str, query: Mapping[str, Any]) -> SavedFilter:
    """Keep a filter under a name, in place of an earlier one of that name.

    Raises Clash when the caller keeps as many as anybody may.
    """
    own = select(SavedFilter).where(SavedFilter.owner == desk.actor.name)
    digest = digest_of(desk.session, name)
    found = desk.session.scalar(own.where(SavedFilter.name_digest == digest))
    if found is None:
        if (desk.session.scalar(select(func.count()).select_from(own.subquery())) or 0) >= MOST:
            raise Clash(f"最多保存{MOST}个常用筛选，请先删除不用的")
        found = SavedFilter(owner=desk.actor.name, agency_id=desk.actor.agency_id, name_digest=digest)
        desk.session.add(found)
    found.name, found.query, found.saved_at = name, _kept(desk, query), desk.now
    desk.session.flush()
    journal.record(desk, "filter_saved", "保存常用筛选", data={"filter_id": found.id})
    return found


def digest_of(session: Session, name: str) -> str:
    """Return by what a filter of that name is found again."""
    return keyring_of(session).blind(_PURPOSE, name)


def query_of(desk: Desk, row: SavedFilter) -> dict[str, Any]:
    """Return what a filter asks for, as it was saved."""
    words = row.query.get("q")
    opened = secret_box.open_sealed(desk.settings.key, _PURPOSE, row.owner, words) if words else None
    return {**row.query, "q": opened.decode() if opened else None} if words else dict(row.query)


def _kept(desk: Desk, query: Mapping[str, Any]) -> dict[str, Any]:
    """Seal what is searched for: it may be somebody's name."""
    words = query.get("q")
    return dict(query) | (
        {"q": secret_box.seal(desk.settings.key, _PURPOSE, desk.actor.name, words.encode())} if words else {}
    )


def delete(desk: Desk, filter_id: int) -> None:
    found = one(desk, filter_id)
    desk.session.delete(found)
    journal.record(desk, "filter_deleted", "删除常用筛选", data={"filter_id": filter_id})
