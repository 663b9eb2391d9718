"""Who may see which rows: the one place that decides. Every query over cases carries `visible_cases`, over what agencies keep
beside them `visible_rows`, and on PostgreSQL the database hides the rest as well.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, false, select, text
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.terms import Role
from app.errors import Forbidden
from app.models import Agency, Case, Seal
from app.services.permissions import ADMINS

SUBTREE_ROLES = frozenset({Role.AGENCY_SUPERVISOR, Role.CITY_SUPERVISOR, Role.SCRIPT_READER})
"""Roles that see their agency and all below it."""

OWN_ROLES = frozenset(
    {
        Role.INTAKE_CLERK,
        Role.HANDLER,
        Role.REVIEWER,
        Role.LEGAL_REVIEWER,
        Role.SECRECY_REVIEWER,
        Role.APPROVER,
        Role.ARCHIVIST,
    }
)
"""Roles that see the cases of their own agency; administrators see none."""


def visible_rows(actor: Actor, agency_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Build the condition that a row is of an agency whose affairs the actor sees: its catalogue, its evaluations, its
    problems. A portal sees none of them, and of cases those it brought.
    """
    if actor.roles & SUBTREE_ROLES:
        below = Agency.path.startswith(actor.agency_path, autoescape=True)
        return agency_id.in_(select(Agency.id).where(below))
    if actor.roles & OWN_ROLES:
        if actor.before:
            return agency_id.in_([actor.agency_id, *sorted(actor.before)])
        return agency_id == actor.agency_id
    return false()


def visible_cases(actor: Actor, agency_id: ColumnElement[int] | None = None) -> ColumnElement[bool]:
    """Build the condition that a case is one the actor may see; `agency_id` is the case's, where it needs saying apart."""
    if Role.PORTAL in actor.roles and not actor.roles & SUBTREE_ROLES:  # what it brought, wherever it went since
        return Case.portal == actor.account
    return visible_rows(actor, Case.agency_id.expression if agency_id is None else agency_id)


def visible_events(actor: Actor) -> ColumnElement[bool]:
    """Build the condition that a row of the feed is one the actor may see, over `Seal`, and `Case` where it has one.

    A row stays with the agency it was written for, wherever its case goes; `sees_event` says the same of one event.
    """
    return visible_cases(actor, Seal.agency_id.expression)


def sees_event(actor: Actor, agency_id: int, agency_path: str, portal: str | None) -> bool:
    """Tell whether the actor may see an event of that agency, about a case that `portal` brought."""
    if actor.roles & SUBTREE_ROLES:
        return agency_path.startswith(actor.agency_path)
    if Role.PORTAL in actor.roles:
        return portal == actor.account
    return bool(actor.roles & OWN_ROLES) and agency_id in {actor.agency_id, *actor.before}


_BIND = text(
    "SELECT set_config('app.agencies', coalesce((SELECT '{' || string_agg(id::text, ',') || '}' FROM agencies"
    " WHERE id = ANY (CAST(:own AS bigint[])) OR starts_with(path, CAST(:below AS text))), '{}'), true),"
    " set_config('app.portal', :portal, true), set_config('app.actor', :actor, true),"
    " set_config('app.journal', :journal, true)"
)
_REACH = text("SELECT coalesce(current_setting('app.agencies', true), '')")
_REACHED = text("SELECT set_config('app.agencies', :reach, true)")


def bind(session: Session, actor: Actor) -> None:
    """Tell the database for whom this transaction works, which then hides every other row itself (row-level security).

    It says the same as `visible_cases`, so that a query that forgets that filter finds nothing more. PostgreSQL only.
    """
    if not _guarded(session):
        return
    below = actor.roles & SUBTREE_ROLES
    session.execute(
        _BIND,
        {
            "own": [actor.agency_id, *actor.before] if actor.roles & OWN_ROLES and not below else [],
            "below": actor.agency_path if below else None,
            "portal": actor.account if Role.PORTAL in actor.roles else "",
            "actor": actor.name,
            "journal": actor.agency_path if actor.roles & ADMINS else "",
        },
    )


@contextmanager
def everywhere(session: Session) -> Iterator[None]:
    """Read rows of other agencies too, for the few questions that cross them: each says why where it is asked."""
    if not _guarded(session):
        yield
        return
    before = session.scalar(_REACH)
    session.execute(_REACHED, {"reach": "*"})
    yield
    if session.autoflush:
        session.flush()
    session.execute(_REACHED, {"reach": before})


def widen(session: Session, agency_id: int) -> None:
    """Go on seeing what is being handed to another agency, until the transaction ends."""
    if _guarded(session) and (before := session.scalar(_REACH)) != "*":
        others = [found for found in (before or "").strip("{}").split(",") if found]
        session.execute(_REACHED, {"reach": "{" + ",".join([*others, str(agency_id)]) + "}"})


def _guarded(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def require_unmasked(actor: Actor, agency_id: int) -> None:
    """Refuse a supervisor of other agencies what holds personal data unmasked: supervision reads masked."""
    if agency_id not in {actor.agency_id, *actor.before} and not actor.roles - {
        Role.AGENCY_SUPERVISOR,
        Role.CITY_SUPERVISOR,
    }:
        message = "督办其他机关的案件只看遮盖后的内容，不取得文书、附件和案卷"
        raise Forbidden(message, reasons=[{"kind": "role", "code": "masked_only", "message": message}])


def in_reach(actor: Actor, agency: Agency) -> bool:
    """Tell whether the actor may register a case for this agency."""
    if actor.roles & (SUBTREE_ROLES | {Role.PORTAL}):
        return agency.path.startswith(actor.agency_path)
    return agency.id == actor.agency_id
