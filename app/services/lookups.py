"""The applicant's own look at a case, by its number and query code, without signing in.

Nobody learns from it which case numbers exist: a wrong code and a missing case take the same steps and get the same
answer. Three short transactions: `check` turns floods away with a read, `count` counts the try as a wrong one before
anything is looked up, and a right code takes that back.
"""

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Settings
from app.domain import progress
from app.domain.actor import Actor
from app.domain.progress import Request
from app.models import Case
from app.services import files, query_codes, rates, tries
from app.services.calendars import Book
from app.services.desk import Desk
from app.services.expenses import Expense, of_source
from app.services.facts import facts_of
from app.services.files import File
from app.services.subjects import network, subject
from app.services.tries import Counted

OF_CASE_AT_SOURCE = rates.Rate(10, dt.timedelta(seconds=5))
"""A page that is left open asks again and again. By source, so that a stranger cannot use an applicant's turn up."""

REALM = ("query-code",)
ANSWER = "没有这个案号，或者查询码不正确"


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks about which case, with which code, from where."""

    case_no: str
    code: str
    address: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A case as its applicant sees it."""

    file: File
    sentence: str
    requests: tuple[Request, ...]


def _wanted(settings: Settings, question: Question) -> rates.Wanted:
    of_case = subject(settings.key, *REALM, "rate", network(question.address), question.case_no)
    # A whole office, or a portal's server, may stand behind one source.
    return {**of_source(settings, Expense.LOOKUP, question.address), of_case: OF_CASE_AT_SOURCE}


def check(session: Session, settings: Settings, question: Question, now: dt.datetime) -> None:
    """Refuse who asks too often; raises `TooManyRequests`."""
    rates.check(session, _wanted(settings, question), now)


def count(session: Session, settings: Settings, question: Question, now: dt.datetime) -> Counted:
    """Count the question, as one with a wrong code; raises `TooManyRequests` for asking or guessing too often."""
    rates.take(session, _wanted(settings, question), now)
    return tries.count(session, question.case_no, question.address, now, settings.key, REALM)


def find(session: Session, settings: Settings, book: Book, question: Question, now: dt.datetime) -> Progress | None:
    """Look the case up; None when there is none of this number, or its code is another."""
    given = query_codes.query_code_digest(settings.key, question.code)
    row = session.execute(
        select(Case.id, Case.agency_id, Case.query_code_digest).where(Case.case_no == question.case_no)
    ).one_or_none()
    kept = row.query_code_digest if row else query_codes.query_code_digest(settings.key, question.case_no)
    if not secrets.compare_digest(kept, given) or row is None:
        return None
    applicant = Actor(name="applicant", label="申请人", agency_id=row.agency_id, agency_path="", roles=frozenset())
    desk = Desk(session, applicant, book, now, settings)
    file = files.reopen(desk, row.id)
    facts = facts_of(desk, file)
    return Progress(file, progress.sentence(facts), progress.requests(facts, file.nodes))
