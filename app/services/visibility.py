"""Who may see which cases: the one place that decides. Every query over cases carries `visible_cases`."""

from sqlalchemy import ColumnElement, false, select

from app.domain.actor import Actor
from app.domain.terms import Role
from app.models import Agency, Case, Seal

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


def visible_cases(actor: Actor, agency_id: ColumnElement[int] | None = None) -> ColumnElement[bool]:
    """Build the condition that a case is one the actor may see; `agency_id` is the case's, where it needs saying apart."""
    if agency_id is None:
        agency_id = Case.agency_id.expression
    if actor.roles & SUBTREE_ROLES:
        below = Agency.path.startswith(actor.agency_path, autoescape=True)
        return agency_id.in_(select(Agency.id).where(below))
    if Role.PORTAL in actor.roles:  # what it brought, wherever it went since
        return Case.portal == actor.account
    if actor.roles & OWN_ROLES:
        return agency_id == actor.agency_id
    return false()


def visible_events(actor: Actor) -> ColumnElement[bool]:
    """Build the condition that a row of the feed is one the actor may see, over `Seal`, and `Case` where it has one.

    A row stays with the agency it was written for, wherever its case goes; `sees_event` says the same of one event.
    """
    if actor.roles & SUBTREE_ROLES:
        return Seal.agency_id.in_(select(Agency.id).where(Agency.path.startswith(actor.agency_path, autoescape=True)))
    if Role.PORTAL in actor.roles:
        return Case.portal == actor.account
    if actor.roles & OWN_ROLES:
        return Seal.agency_id == actor.agency_id
    return false()


def sees_event(actor: Actor, agency_path: str, portal: str | None) -> bool:
    """Tell whether the actor may see an event of the agency at that path, about a case that `portal` brought."""
    if actor.roles & SUBTREE_ROLES:
        return agency_path.startswith(actor.agency_path)
    if Role.PORTAL in actor.roles:
        return portal == actor.account
    return bool(actor.roles & OWN_ROLES) and agency_path == actor.agency_path


def in_reach(actor: Actor, agency: Agency) -> bool:
    """Tell whether the actor may register a case for this agency."""
    if actor.roles & (SUBTREE_ROLES | {Role.PORTAL}):
        return agency.path.startswith(actor.agency_path)
    return agency.id == actor.agency_id
