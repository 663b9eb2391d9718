"""Whose cases a figure is about."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, select

from app.domain.period import Period
from app.errors import Invalid, NotFound
from app.models import Agency, Case
from app.services.cases import counts_in_table_three
from app.services.desk import Desk
from app.services.visibility import OWN_ROLES, SUBTREE_ROLES

Reach = Literal["own", "subtree"]


@dataclass(frozen=True, slots=True)
class Scope:
    """An agency, alone (with those that were merged into it) or with all below it."""

    agency: Agency
    reach: Reach

    def holds(self, column: object = Case.agency_id) -> ColumnElement[bool]:
        """Build the condition that a row belongs to the scope, by its column of the agency's id."""
        if self.reach == "own":
            return column.in_([self.agency.id, *sorted(self.agency.predecessors)])  # type: ignore[attr-defined,no-any-return]  # it is a column
        below = select(Agency.id).where(Agency.path.startswith(self.agency.path, autoescape=True))
        return column.in_(below)  # type: ignore[attr-defined,no-any-return]  # the same

    def requests(self) -> ColumnElement[bool]:
        """Build the condition that a case is a request of the scope: what table three counts."""
        return counts_in_table_three() & self.holds()


def of(desk: Desk, code: str | None, reach: Reach) -> Scope:
    """Find a scope the caller may see whole; without a code, his own agency.

    Raises NotFound for an agency whose cases the caller may not see.
    """
    if code is None:
        agency = desk.session.get(Agency, desk.actor.agency_id)
    else:
        agency = desk.session.scalar(select(Agency).where(Agency.code == code))
    if agency is None or not sees(desk, agency):
        raise NotFound
    if reach == "subtree" and not desk.actor.roles & SUBTREE_ROLES:
        reach = "own"
    return Scope(agency, reach)


def sees(desk: Desk, agency: Agency) -> bool:
    """Tell whether the caller may see the cases of an agency."""
    actor = desk.actor
    if actor.roles & SUBTREE_ROLES and agency.path.startswith(actor.agency_path):
        return True
    return bool(actor.roles & OWN_ROLES) and agency.id == actor.agency_id


def city(desk: Desk) -> Scope:
    """Return the whole city of the caller, for comparisons that every agency may read."""
    root = desk.session.get_one(Agency, int(desk.actor.agency_path.split("/")[1]))
    return Scope(root, "subtree")


def period(desk: Desk, written: str | None) -> Period:
    """Read the period asked for; without one, the quarter that is going on. Raises Invalid."""
    if written is None:
        return Period.quarter_of(desk.today)
    try:
        return Period.read(written)
    except ValueError as error:
        reason = {"kind": "field", "code": "bad_period", "field": "period", "message": str(error), "basis": ""}
        raise Invalid(str(error), reasons=[reason]) from error
