"""Warnings on a case that resembles one whose reply was corrected, so that the same reply is not lost twice.

The whole city learns from a correction: of another agency's case nothing is told but how it was answered and why it
was lost, neither its number nor its subject.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from sqlalchemy import select

from app.domain import checks
from app.domain.checks import Finding
from app.domain.citation import Citation, find_citations
from app.domain.subject import subject
from app.domain.terms import (
    CaseKind,
    CheckCode,
    Likeness,
    RemedyDecision,
    RemedyKind,
    RemedyOutcome,
    ReplyKind,
    State,
)
from app.models import Agency, Case, Draft, Remedy, Reply, Subject
from app.models.keyring import keyring_of
from app.services import likeness, topics
from app.services.desk import Desk
from app.services.facts import facts_of
from app.services.files import File
from app.services.visibility import everywhere

NEWEST = 1_000
"""Corrected replies looked at, newest first; a city has some hundred a year."""

ALONE = topics.SAME
"""A subject this alike warns before there is a draft whose kind could be compared."""

_SETTLED = frozenset({State.DELIVERED, State.CLOSED, State.ARCHIVED})


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A corrected reply that the case resembles; `case_id` and `case_no` only where the caller may see that case."""

    remedy_kind: RemedyKind
    decision: RemedyDecision | None
    closed_on: dt.date
    reply_kind: ReplyKind | None
    cause: CheckCode | None
    cause_note: str | None
    likeness: tuple[Likeness, ...]
    score: int
    case_id: int | None
    case_no: str | None
    remedy_id: int | None

    @property
    def message(self) -> str:
        """What the clerk reads."""
        which = f"案件{self.case_no}" if self.case_no else "本市其他机关的一件案件"
        kind = f"以“{self.reply_kind.label}”答复" if self.reply_kind else "答复"
        outcome = self.decision.label if self.decision else RemedyOutcome.CORRECTED.label
        cause = f"，败因是“{self.cause.label}”（{self.cause}）" if self.cause else ""
        alike = "、".join(one.label for one in self.likeness)
        return f"{which}{kind}，{self.closed_on}经{self.remedy_kind.label}被{outcome}{cause}。与本案{alike}，请对照检查"


@dataclass(frozen=True, slots=True)
class _Case:
    """What of the open case is compared."""

    kinds: frozenset[ReplyKind]
    basis: frozenset[Citation]
    text: str
    failing: frozenset[CheckCode]


def of_case(desk: Desk, file: File) -> tuple[tuple[Finding, ...], list[Resemblance]]:
    """Run the checks, and find the corrected replies that an open case resembles, most alike first."""
    found = checks.run(facts_of(desk, file))
    case = file.case
    if case.kind is not CaseKind.DISCLOSURE or case.state in _SETTLED:
        return found, []
    failing = frozenset(one.code for one in found if one.messages and one.overridden_by is None)
    mine = _Case(
        frozenset(item.kind for item in file.conclusions),
        _basis(text for item in file.conclusions for text in item.citations),
        subject(*topics.asked(file.items)),
        failing,
    )
    return found, _resembling(desk, file, mine)


def _resembling(desk: Desk, file: File, mine: _Case) -> list[Resemblance]:
    root = file.agency.path.split("/")[1]
    corrected = (
        select(Remedy, Case, Agency, Subject, Draft)
        .join(Case, Case.id == Remedy.case_id)
        .join(Agency, Agency.id == Remedy.agency_id)
        .outerjoin(Subject, Subject.case_id == Case.id)
        .outerjoin(Reply, Reply.case_id == Case.id)
        .outerjoin(Draft, Draft.id == Reply.draft_id)
        .where(
            Remedy.result == RemedyOutcome.CORRECTED,
            Remedy.case_id != file.case.id,
            Agency.path.startswith(f"/{root}/"),
        )
        .order_by(Remedy.closed_on.desc(), Remedy.id.desc())
        .limit(NEWEST)
    )
    found: list[Resemblance] = []
    with everywhere(desk.session):  # what any agency of the city lost warns them all, without saying whose it was
        rows = desk.session.execute(corrected).all()
    keyring_of(desk.session).fetch(desk.session, {case.id for _, case, *_ in rows})
    for remedy, case, agency, asked, draft in rows:
        content = draft.content if cast("Draft | None", draft) is not None else {}
        drafted = content.get("conclusions", [])
        kinds = frozenset(ReplyKind(one["kind"]) for one in drafted) or frozenset(
            {case.outcome} if case.outcome else ()
        )
        basis = _basis(cited for one in drafted for cited in one["citations"])
        score = likeness.score(
            mine.text, asked.text if cast("Subject | None", asked) is not None else subject(case.title)
        )
        assert remedy.closed_on, "what is corrected is closed: held by a CHECK"
        alike = tuple(
            sign
            for sign, holds in (
                (Likeness.REPLY_KIND, not mine.kinds.isdisjoint(kinds)),
                (Likeness.BASIS, _shared(mine.basis, basis)),
                (Likeness.SUBJECT, score >= likeness.SIMILAR),
                (Likeness.CAUSE, remedy.cause in mine.failing),
            )
            if holds
        )
        if _warns(mine, alike, score):
            known = agency.id == file.agency.id
            found.append(
                Resemblance(
                    remedy_kind=remedy.kind,
                    decision=remedy.decision,
                    closed_on=remedy.closed_on,
                    reply_kind=case.outcome,
                    cause=remedy.cause,
                    cause_note=remedy.cause_note if known else None,
                    likeness=alike,
                    score=score,
                    case_id=case.id if known else None,
                    case_no=case.case_no if known else None,
                    remedy_id=remedy.id if known else None,
                )
            )
    return sorted(found, key=lambda one: (-len(one.likeness), -one.score))[:SHOWN]


SHOWN = 10


def _warns(mine: _Case, alike: tuple[Likeness, ...], score: int) -> bool:
    """Whether this much likeness is worth a clerk's attention.

    With a draft: the same kind of reply, and either a similar subject or both the basis and the mistake in common.
    Before it, only the subject can be compared, and must be nearly the same.
    """
    if not mine.kinds:
        return score >= ALONE
    similar = Likeness.SUBJECT in alike or {Likeness.BASIS, Likeness.CAUSE} <= set(alike)
    return Likeness.REPLY_KIND in alike and similar


def _basis(texts: Iterable[str]) -> frozenset[Citation]:
    return frozenset(citation for text in texts for citation in find_citations(text))


def _shared(one: frozenset[Citation], other: frozenset[Citation]) -> bool:
    return any(a.covers(b) or b.covers(a) for a in one for b in other)
