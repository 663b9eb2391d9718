"""The clock of a case as long as it runs: the dates that lists and polls query, and that a new calendar moves."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.terms import NodeKind
from app.models.base import AgencyId, Base, BigId, term

LIABLE = text("overdue_after IS NOT NULL")
"""The cases whose limit is the agency's to keep: they do not wait for the applicant."""

AWAITED = text("next_node_on IS NOT NULL")
"""The cases in which the agency has yet to do something by a day."""


class RunningClock(Base):
    """A projection, folded from the entries: written by `services.clocks.project`, and for many by `services.recompute`.

    A table of its own, small and with few indexes, because a holiday notice writes all of it at once. There is a row for a
    case exactly while its clock runs; one that stops leaves its last dates in the case, where nothing moves them.
    """

    __tablename__ = "running_clocks"
    __table_args__ = (
        # Overdue and due-soon walk these in the order they page in. The agency comes last: one agency's poll passes over the
        # others' entries inside the index, and what a calendar moves is written side by side.
        Index(
            "ix_running_clocks_overdue",
            *("overdue_after", "case_id", "agency_id"),
            sqlite_where=LIABLE,
            postgresql_where=LIABLE,
        ),
        Index(
            "ix_running_clocks_target",
            *("target_on", "case_id", "agency_id"),
            sqlite_where=LIABLE,
            postgresql_where=LIABLE,
        ),
        Index(
            "ix_running_clocks_node",
            *("next_node_on", "case_id", "agency_id"),
            sqlite_where=AWAITED,
            postgresql_where=AWAITED,
        ),
    )

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    agency_id: Mapped[AgencyId]  # repeats the case's, so that an index alone finds one agency's
    due_on: Mapped[dt.date | None]
    target_on: Mapped[dt.date | None]
    overdue_after: Mapped[dt.date | None]  # due_on, unless the case waits for the applicant
    provisional: Mapped[bool]
    next_node: Mapped[NodeKind | None] = mapped_column(term(NodeKind))
    next_node_on: Mapped[dt.date | None]
