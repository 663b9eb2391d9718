"""The annual report's tables three and four, counted live from the cases and remedies, and the cases behind each cell.

One statement answers table three. Every case a year's table counts has been received before the year's end and was
not over before its beginning; what it counts as follows from three facts of it: whether it was received in the year,
whether it ended in it, and how. All of that stands in a covering index (`ix_cases_annual_report` by agency, `…_city` for
all of them), so that the table itself is never visited, whatever its size.

A case stands in the agency that has it: one that was transferred is counted there and nowhere else, so that a subtree
counts it once. Agencies that were merged into another (机构改革) are counted as part of it, whatever the year: what was
open went to it, what was archived has stayed where it was decided, and its report needs both to add up. A case counts as
new in the year of its first receipt (a correction moves the clock, not the receipt), as done in the year in which its
reply was sent or it was closed, and as carried over and forward in between. These readings
are the usual ones, not law (rules §4.3).
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, extract, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.domain import report, report_text
from app.domain.replies import REPLIES
from app.domain.report import RESULT_ROWS, TOTAL, Check, Table3, Table4
from app.domain.report_text import Fees
from app.domain.terms import (
    ApplicantKind,
    RemedyKind,
    RemedyOutcome,
    RemedyTrack,
    ReplyKind,
    ReportForm,
    ReportRow,
    ReportScope,
    TableSource,
)
from app.errors import Forbidden, Invalid, NotFound
from app.models import Agency, Case, JournalEntry, Remedy
from app.models.journal import FEES
from app.services import files, remedies, snapshots
from app.services.cases import counts_in_table_three
from app.services.desk import Desk
from app.services.files import Standing
from app.services.remedy_query import Query
from app.services.visibility import SUBTREE_ROLES

FIRST_YEAR = 2008
"""The first year an annual report could be of (条例 in force since 2008-05-01)."""

FEE_ACTS = ("notify_fee", "record_payment", "refund_fee")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose report of which year, in which form."""

    agency: Agency
    year: int
    scope: ReportScope
    form: ReportForm
    agency_ids: tuple[int, ...]
    everywhere: bool = False  # no agency is left out

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, 1, 1)

    @property
    def after(self) -> dt.date:
        """The day after the year."""
        return dt.date(self.year + 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Report:
    """A report as counted now. `carried_from`: the carried-over cases by their year of receipt."""

    asked: Asked
    as_of: dt.date
    table3: Table3
    table4: Table4
    table4_source: TableSource
    carried_from: Mapping[int, int]
    fees: Fees
    checks: Sequence[Check]
    previous: TableSource

    @property
    def complete(self) -> bool:
        """Tell whether the year is over."""
        return self.as_of >= self.asked.after

    @property
    def sentences(self) -> report_text.Sentences:
        return report_text.sentences(self.asked.year, self.table3, self.table4, self.fees)


def ask(desk: Desk, agency_code: str | None, year: int, scope: ReportScope, form: ReportForm | None = None) -> Asked:
    """Find out whose cases are meant. Raises NotFound for an agency out of sight, Forbidden for a subtree of others'.

    Without `form`, the one in force in that year: the reports of 2019 and 2020 followed that of 2019.
    """
    wanted = Agency.code == agency_code if agency_code else Agency.id == desk.actor.agency_id
    agency = desk.session.scalar(select(Agency).where(wanted))
    sees_below = bool(desk.actor.roles & SUBTREE_ROLES)
    if agency is None or not (
        agency.path.startswith(desk.actor.agency_path) if sees_below else agency.id == desk.actor.agency_id
    ):
        raise NotFound
    if year > desk.today.year:
        raise Invalid(f"{year}年还没有到")
    if scope is ReportScope.SUBTREE and not sees_below:
        raise Forbidden("下级机关的汇总只限督办员和只读脚本查看")
    ids: tuple[int, ...] = (agency.id, *sorted(agency.predecessors))
    if scope is ReportScope.SUBTREE:
        below = select(Agency.id).where(Agency.path.startswith(agency.path, autoescape=True)).order_by(Agency.id)
        ids = tuple(desk.session.scalars(below))
    chosen = form or (ReportForm.TRIAL_2019 if year < 2021 else ReportForm.FORM_2021)
    agencies = desk.session.scalar(select(func.count()).select_from(Agency))
    return Asked(agency, year, scope, chosen, ids, everywhere=len(ids) == agencies)


def build(desk: Desk, asked: Asked) -> Report:
    """Count the report. Where a table four was imported by itself for this year, it stands in for counting."""
    session = desk.session
    table3, carried_from = table_three(session, asked)
    alone = snapshots.table_four_alone(session, asked.agency.id, asked.year, asked.scope)
    table4 = Table4.read(alone.table4) if alone and alone.table4 else table_four(session, asked)
    fees = fees_of(session, asked, table3)
    text = "".join(report_text.sentences(asked.year, table3, table4, fees))
    earlier = snapshots.before(session, asked.agency, asked.year - 1, asked.scope)
    # Counted live, last year's "四" is this year's "二": both are the cases open at the turn of the year.
    previous = (
        report.sum_of([Table3.read(row.table3) for row in earlier if row.table3]) if earlier else _carried(table3)
    )
    found = report.checks(table3, table4, previous, children=_parts(session, asked, table3))
    place = next(place for place, check in enumerate(found) if check.id == "C7")
    return Report(
        asked=asked,
        as_of=desk.today,
        table3=table3,
        table4=table4,
        table4_source=TableSource.PUBLISHED if alone else TableSource.COUNTED,
        carried_from=carried_from,
        fees=fees,
        checks=(*found[:place], report_text.check_text(text, table3, table4), *found[place:]),
        previous=TableSource.PUBLISHED if earlier else TableSource.COUNTED,
    )


def _carried(table3: Table3) -> Table3:
    return Table3.from_counts(
        {(ReportRow.CARRIED_FORWARD, kind): table3[ReportRow.CARRIED_OVER, kind] for kind in ApplicantKind}
    )


def statement(asked: Asked) -> Select[ApplicantKind | None, ReplyKind | None, int | None, bool, int]:
    """Build the one statement of table three; its plan is held to the covering indexes by a test.

    Three branches, each one range of an index: ended in the year, ended later, still open.
    """
    mine = [counts_in_table_three(), Case.received_on < asked.after]
    if not asked.everywhere:
        mine.append(Case.agency_id.in_(asked.agency_ids))

    def counted(
        ended: ColumnElement[bool], *, over: bool
    ) -> Select[ApplicantKind | None, ReplyKind | None, int | None, bool, int]:
        carried_from = case((Case.received_on < asked.first, extract("year", Case.received_on)), else_=None)
        columns = (Case.applicant_kind, Case.outcome, carried_from.label("year"))
        counts = (literal(over).label("over"), func.count().label("n"))
        return select(*columns, *counts).where(*mine, ended).group_by(*columns)

    both = union_all(
        counted(and_(Case.stopped_on >= asked.first, Case.stopped_on < asked.after), over=True),
        counted(Case.stopped_on >= asked.after, over=False),
        counted(Case.stopped_on.is_(None), over=False),
    ).subquery()
    return select(both)


def table_three(session: Session, asked: Asked) -> tuple[Table3, dict[int, int]]:
    """Count table three, and the carried-over cases by their year of receipt."""
    counts: Counter[tuple[ReportRow, ApplicantKind]] = Counter()
    carried_from: Counter[int] = Counter()
    for kind, outcome, year, over, n in session.execute(statement(asked)):
        assert kind, "every case repeats its applicant's kind"
        if year is None:
            counts[ReportRow.NEW_RECEIVED, kind] += n
        else:
            counts[ReportRow.CARRIED_OVER, kind] += n
            carried_from[int(year)] += n
        counts[_row_of(outcome) if over else ReportRow.CARRIED_FORWARD, kind] += n
    return Table3.from_counts(counts), dict(sorted(carried_from.items()))


def _row_of(outcome: ReplyKind | None) -> ReportRow:
    return REPLIES[outcome].row if outcome else ReportRow.OTHER_OTHER


def table_four(session: Session, asked: Asked) -> Table4:
    """Count table four: what was decided in the year, and what was pending at its end."""
    closed_in_year = and_(Remedy.closed_on >= asked.first, Remedy.closed_on < asked.after)
    outcome = case((closed_in_year, Remedy.result), else_=literal(RemedyOutcome.PENDING.value))
    rows = session.execute(
        select(Remedy.kind, outcome, func.count())
        .where(_remedies_of(asked), or_(closed_in_year, _pending(asked)))
        .group_by(Remedy.kind, outcome)
    )
    return Table4.from_counts({(RemedyTrack(kind.value), RemedyOutcome(result)): n for kind, result, n in rows})


def _remedies_of(asked: Asked) -> ColumnElement[bool]:
    return and_(Remedy.agency_id.in_(asked.agency_ids), Remedy.kind != RemedyKind.COMPLAINT)


def _pending(asked: Asked) -> ColumnElement[bool]:
    undecided = or_(Remedy.closed_on.is_(None), Remedy.closed_on >= asked.after)
    return and_(Remedy.filed_on < asked.after, undecided)


def fees_of(session: Session, asked: Asked, table3: Table3) -> Fees:
    """Add up the year's fees from what was noted of them, by the legal day of each act."""
    rows = session.execute(
        select(JournalEntry.act, JournalEntry.case_id, JournalEntry.data)
        .join(Case, Case.id == JournalEntry.case_id)
        .where(
            FEES,
            JournalEntry.on >= asked.first,
            JournalEntry.on < asked.after,
            Case.agency_id.in_(asked.agency_ids),
        )
    ).all()
    cases = {act: {row.case_id for row in rows if row.act == act} for act in FEE_ACTS}
    yuan = {act: sum(row.data["command"].get("amount_yuan", 0) for row in rows if row.act == act) for act in FEE_ACTS}
    return Fees(
        notified=len(cases["notify_fee"]),
        paid=len(cases["record_payment"]),
        collected_yuan=yuan["record_payment"],
        refunded_yuan=yuan["refund_fee"],
        closed_unpaid=table3[ReportRow.OTHER_NO_PAYMENT, TOTAL],
    )


def _parts(session: Session, asked: Asked, whole: Table3) -> list[Table3]:
    """Give the tables whose sum the report must be (C8): those below that were fixed or published, the rest as counted."""
    if asked.scope is ReportScope.OWN:
        return [whole]
    fixed = [
        (part, Table3.read(row.table3))
        for part, row in snapshots.of_parts(session, asked.agency, asked.year)
        if row.table3
    ]
    if not fixed:
        return [whole]
    covered = {agency_id for part, _ in fixed for agency_id in part}
    rest = tuple(agency_id for agency_id in asked.agency_ids if agency_id not in covered)
    others = Asked(asked.agency, asked.year, asked.scope, asked.form, rest)
    return [*(table for _, table in fixed), *([table_three(session, others)[0]] if rest else [])]


def _rows_behind(asked: Asked, row: ReportRow) -> tuple[ReportRow, ...]:
    """Say which results a printed row holds; the form of 2019 prints one row for three."""
    if row is ReportRow.RESULT_TOTAL:
        return RESULT_ROWS
    merged = (ReportRow.OTHER_NO_CORRECTION, ReportRow.OTHER_NO_PAYMENT, ReportRow.OTHER_OTHER)
    return merged if row is ReportRow.OTHER_OTHER and asked.form is ReportForm.TRIAL_2019 else (row,)


def in_cell(asked: Asked, row: ReportRow, column: str) -> list[ColumnElement[bool]]:
    """Build the conditions of the cases that a cell of table three counts."""
    received, ended = Case.received_on, Case.stopped_on
    found = [counts_in_table_three(), Case.agency_id.in_(asked.agency_ids), received < asked.after]
    if row is ReportRow.NEW_RECEIVED:
        found.append(received >= asked.first)
    elif row is ReportRow.CARRIED_OVER:
        found += [received < asked.first, or_(ended.is_(None), ended >= asked.first)]
    elif row is ReportRow.CARRIED_FORWARD:
        found.append(or_(ended.is_(None), ended >= asked.after))
    else:
        found += [ended >= asked.first, ended < asked.after]
        rows = _rows_behind(asked, row)
        if rows != RESULT_ROWS:
            kinds = Case.outcome.in_([kind for kind, rule in REPLIES.items() if rule.row in rows])
            found.append(or_(kinds, Case.outcome.is_(None)) if ReportRow.OTHER_OTHER in rows else kinds)
    if column != TOTAL:
        found.append(Case.applicant_kind == ApplicantKind(column))
    return found


def cases_of(desk: Desk, asked: Asked, row: ReportRow, column: str, page: int, size: int) -> tuple[list[Standing], int]:
    """List exactly the cases that a cell of table three counts, in the order of their numbers."""
    conditions = in_cell(asked, row, column)
    total = desk.session.scalar(select(func.count()).select_from(Case).where(*conditions)) or 0
    wanted = files.visible(desk).where(*conditions).order_by(Case.id).limit(size).offset((page - 1) * size)
    return files.standings(desk, desk.session.execute(wanted).all()), total


def remedies_of(
    desk: Desk, asked: Asked, track: RemedyTrack, column: str, page: int, size: int
) -> tuple[list[remedies.Opened], int]:
    """List exactly the remedies that a cell of table four counts, newest first."""
    closed_in_year = and_(Remedy.closed_on >= asked.first, Remedy.closed_on < asked.after)
    if column == TOTAL:
        counted = or_(closed_in_year, _pending(asked))
    elif column == RemedyOutcome.PENDING:
        counted = _pending(asked)
    else:
        counted = and_(closed_in_year, Remedy.result == RemedyOutcome(column))
    query = Query(kind=RemedyKind(track.value), page=page, size=size)
    return remedies.listing(desk, query, _remedies_of(asked), counted)
