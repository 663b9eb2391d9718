"""Disputed, corrected, lost: the rates of remedies per agency, kind of reply and cause."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.period import Period
from app.domain.remedies import LAWSUITS
from app.domain.terms import RemedyKind, RemedyOutcome, ReplyKind
from app.models import Agency, Case, Remedy
from app.services.desk import Desk
from app.services.figures.flow import ANSWERED
from app.services.figures.scope import Scope

By = Literal["agency", "reply_kind", "cause"]

_KEYS: dict[By, InstrumentedAttribute[Any]] = {
    "agency": Agency.code,
    "reply_kind": Case.outcome,
    "cause": Remedy.cause,
}


@dataclass(frozen=True, slots=True)
class Losses:
    """Remedies filed or closed in a period; rates are of the decided ones, reconsideration and lawsuits apart.

    The denominator is 维持、纠正、其他, an agreed reading and not law.
    """

    key: str | None
    filed: int
    reconsiderations_decided: int
    reconsiderations_corrected: int
    lawsuits_decided: int
    lawsuits_lost: int
    complaints_decided: int
    complaints_upheld: int
    pending: int
    answered: int = 0  # replies of the same period, the base of the dispute rate

    @property
    def correction_rate(self) -> float | None:
        """纠错率: of the reconsiderations decided, those that corrected."""
        return _rate(self.reconsiderations_corrected, self.reconsiderations_decided)

    @property
    def defeat_rate(self) -> float | None:
        """败诉率: of the lawsuits decided, those that corrected."""
        return _rate(self.lawsuits_lost, self.lawsuits_decided)

    @property
    def dispute_rate(self) -> float | None:
        """争议发生率: remedies filed, against the replies given in the same period."""
        return _rate(self.filed, self.answered)


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def of_period(desk: Desk, scope: Scope, period: Period, by: By | None = None) -> Sequence[Losses]:
    """Count by one of the keys, or all together; remedies against the scope's agencies, wherever the case is now."""
    key = _KEYS[by] if by else None
    filed = Remedy.filed_on.between(period.first, period.last)
    closed = Remedy.closed_on.between(period.first, period.last)
    corrected = closed & (Remedy.result == RemedyOutcome.CORRECTED)
    review, complaint = Remedy.kind == RemedyKind.RECONSIDERATION, Remedy.kind == RemedyKind.COMPLAINT
    lawsuit = Remedy.kind.in_(LAWSUITS)
    open_at_end = (Remedy.filed_on <= period.last) & (Remedy.closed_on.is_(None) | (Remedy.closed_on > period.last))
    counts: list[ColumnElement[bool]] = [
        filed, review & closed, review & corrected, lawsuit & closed, lawsuit & corrected,
        complaint & closed, complaint & corrected, open_at_end,
    ]  # fmt: skip
    counted = [func.count().filter(condition) for condition in counts]
    wanted = (
        select(*counted)
        .select_from(Remedy)
        .join(Case, Case.id == Remedy.case_id)
        .join(Agency, Agency.id == Remedy.agency_id)
        .where(scope.holds(Remedy.agency_id), filed | closed | open_at_end)
    )
    answered = _answered(desk, scope, period, by)
    if key is None:
        row = desk.session.execute(wanted).one()
        return [_losses(None, row, answered)]
    rows = desk.session.execute(wanted.add_columns(key).group_by(key)).all()
    found = [_losses(_code(row[-1]), row[:-1], answered) for row in rows]
    return sorted(found, key=lambda losses: (-losses.filed, losses.key or "~"))


_COUNTED = tuple(part.name for part in fields(Losses) if part.name not in {"key", "answered"})


def _losses(key: str | None, counts: Sequence[int], answered: dict[str | None, int]) -> Losses:
    return Losses(key=key, answered=answered.get(key, 0), **dict(zip(_COUNTED, counts, strict=True)))


def _code(value: Any) -> str | None:
    return None if value is None else str(value)


def _answered(desk: Desk, scope: Scope, period: Period, by: By | None) -> dict[str | None, int]:
    """Count the replies of the period; by cause they cannot be counted, a cause being known only of a loss."""
    if by == "cause":
        return {}
    wanted = (
        select(func.count())
        .select_from(Case)
        .join(Agency, Agency.id == Case.agency_id)
        .where(scope.requests(), Case.stopped_on.between(period.first, period.last), Case.outcome.in_(ANSWERED))
    )
    if by is None:
        return {None: desk.session.scalar(wanted) or 0}
    key = _KEYS[by]
    rows = desk.session.execute(wanted.add_columns(key).group_by(key)).all()
    return {_code(value.value if isinstance(value, ReplyKind) else value): number for number, value in rows}
