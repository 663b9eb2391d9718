"""Looking kept reports up: which one speaks for an agency and a year."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.domain.terms import ReportScope, SnapshotKind
from app.errors import NotFound
from app.models import Agency, ReportSnapshot
from app.services.desk import SHANGHAI


def _of(agency_id: int, year: int, scope: ReportScope) -> Select[ReportSnapshot]:
    return (
        select(ReportSnapshot)
        .where(ReportSnapshot.agency_id == agency_id, ReportSnapshot.year == year, ReportSnapshot.scope == scope)
        .order_by(ReportSnapshot.id.desc())
        .limit(1)
    )


def latest(session: Session, agency_id: int, year: int, scope: ReportScope) -> ReportSnapshot | None:
    """Return the newest kept report that has a table three."""
    return session.scalar(_of(agency_id, year, scope).where(ReportSnapshot.table3.is_not(None)))


def before(session: Session, agency: Agency, year: int, scope: ReportScope) -> list[ReportSnapshot]:
    """Return the kept reports that together say how a year ended: the agency's, and those of whom it took over since.

    Empty where one of them is missing.
    """
    own = latest(session, agency.id, year, scope)
    if own is None:
        return []
    inside = _with_merged(own, agency, _closings(session))
    found: list[ReportSnapshot] = [own]
    for merged in agency.predecessors:
        if merged not in inside:
            kept = latest(session, merged, year, scope)
            if kept is None:
                return []
            found.append(kept)
    return found


def _closings(session: Session) -> dict[int, dt.datetime]:
    """Say when each agency that is no more was merged into another."""
    closed = select(Agency.id, Agency.closed_at).where(Agency.closed_at.is_not(None))
    return {agency_id: at for agency_id, at in session.execute(closed) if at is not None}


def _with_merged(row: ReportSnapshot, agency: Agency, closings: Mapping[int, dt.datetime]) -> frozenset[int]:
    """Say whose cases an agency's kept report counts: its own, and of whom it had taken over by then.

    A published report was printed for the agencies there were when its year ended; a frozen one was counted when it was made.
    """
    by = row.made_at if row.kind is SnapshotKind.FROZEN else dt.datetime(row.year + 1, 1, 1, tzinfo=SHANGHAI)
    return frozenset({agency.id, *(one for one in agency.predecessors if one in closings and closings[one] <= by)})


def table_four_alone(session: Session, agency_id: int, year: int, scope: ReportScope) -> ReportSnapshot | None:
    """Return the newest published table four that was imported by itself."""
    alone = (ReportSnapshot.kind == SnapshotKind.PUBLISHED, ReportSnapshot.table3.is_(None))
    return session.scalar(_of(agency_id, year, scope).where(*alone))


def of_parts(session: Session, agency: Agency, year: int) -> Iterator[tuple[frozenset[int], ReportSnapshot]]:
    """Give the kept reports that together cover parts of a subtree, none of them twice, with the agencies of each.

    From the top down: where a county's whole report was kept, those of its townships are within it.
    """
    rows = session.execute(
        select(ReportSnapshot, Agency)
        .join(Agency, Agency.id == ReportSnapshot.agency_id)
        .where(
            Agency.path.startswith(agency.path, autoescape=True),
            ReportSnapshot.year == year,
            ReportSnapshot.table3.is_not(None),
        )
        .order_by(Agency.path, ReportSnapshot.scope.desc(), ReportSnapshot.id.desc())
    ).all()
    if not rows:
        return
    below = select(Agency.id, Agency.path).where(Agency.path.startswith(agency.path, autoescape=True))
    paths, closings = dict(session.execute(below).all()), _closings(session)
    covered: set[int] = set()
    for row, part in rows:
        if row.agency_id in covered or (row.agency_id == agency.id and row.scope is ReportScope.SUBTREE):
            continue
        if row.scope is ReportScope.SUBTREE:
            mine = frozenset(one for one, its in paths.items() if its.startswith(part.path))
        else:
            mine = _with_merged(row, part, closings)
        mine -= covered
        covered |= mine
        yield mine, row


def get(session: Session, snapshot_id: int) -> tuple[ReportSnapshot, Agency]:
    """Return a kept report and its agency. Raises NotFound."""
    found = session.execute(
        select(ReportSnapshot, Agency)
        .join(Agency, Agency.id == ReportSnapshot.agency_id)
        .where(ReportSnapshot.id == snapshot_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def listing(
    session: Session, agency_id: int, year: int | None, page: int, size: int
) -> tuple[Sequence[ReportSnapshot], int]:
    """List an agency's kept reports, newest first."""
    mine = [ReportSnapshot.agency_id == agency_id, *([ReportSnapshot.year == year] if year else [])]
    rows = select(ReportSnapshot).where(*mine).order_by(ReportSnapshot.id.desc())
    total = session.scalar(select(func.count()).select_from(ReportSnapshot).where(*mine)) or 0
    return session.scalars(rows.limit(size).offset((page - 1) * size)).all(), total
