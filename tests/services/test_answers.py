"""How the first answer of an idempotency key is kept: unreadable to others, and as long as it may be needed."""

import datetime as dt

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select, text, update

from app import db
from app.domain.terms import State
from app.models import Case, StoredAnswer
from app.services import answers
from app.services.answers import Answer
from tests.api.conftest import place
from tests.town import Town, application

__all__ = ["place"]

SECRET = b"s" * 32


def test_nothing_of_an_answer_or_its_key_stands_in_the_database(place: Town) -> None:
    answer = place.post("dengji", "/cases", application(), headers={"Idempotency-Key": "key-of-the-portal"})
    with db.reader(place.engine) as session:
        row = session.execute(text("SELECT * FROM answers")).one()
    kept = repr(tuple(row)) + str(bytes(row.sealed))
    for told in (answer.json()["query_code"], answer.json()["case_no"], "张", "key-of-the-portal", "dengji"):
        assert told not in kept
        assert told.encode().hex() not in kept


@pytest.mark.parametrize("changed", ["secret", "caller", "method", "path", "key"])
def test_only_the_same_caller_with_the_same_key_opens_an_answer(place: Town, changed: str) -> None:
    own = {"secret": SECRET, "caller": "key:portal", "method": "POST", "path": "/cases", "key": "k1", "digest": "d"}
    other = own | {changed: b"t" * 32 if changed == "secret" else "other"}
    mine, theirs = answers.attempt(**own), answers.attempt(**other)  # type: ignore[arg-type]  # one table for all
    told = Answer(201, '{"query_code": "7K2M9QXR4T"}', {"ETag": '"1"'})
    with db.writer(place.engine) as session:
        answers.keep(session, mine, told, place.now)
        session.flush()
        assert answers.earlier(session, mine) == told
        assert answers.earlier(session, theirs) is None
        forged = answers.Attempt(mine.name, theirs.opener, mine.digest)
        with pytest.raises(InvalidTag):
            answers.earlier(session, forged)


@pytest.mark.parametrize(
    ("days", "state", "kept"),
    [
        (29, State.ARCHIVED, True),
        (31, State.ARCHIVED, False),
        (31, State.DELIVERED, True),
        (400, State.HANDLING, True),
    ],
)
def test_an_answer_is_kept_for_thirty_days_and_while_its_case_is_open(
    place: Town, days: int, state: State, kept: bool
) -> None:
    first = place.post("dengji", "/cases", application(), headers={"Idempotency-Key": "intake"})
    case_id = first.json()["id"]
    place.post("dengji", f"/cases/{case_id}/accept", {}, headers={"Idempotency-Key": "accept"})
    rows = {"applications": [application(), application()]}
    batch = place.post("dengji", "/cases/bulk", rows, headers={"Idempotency-Key": "batch"}).json()
    with db.writer(place.engine) as session:
        last = batch["items"][-1]["id"]
        session.execute(update(Case).where(Case.id != last).values(state=State.ARCHIVED))
        session.execute(update(Case).where(Case.id.in_([case_id, last])).values(state=state))
        answers.clear(session, place.now + dt.timedelta(days=days))
        assert len(session.scalars(select(StoredAnswer)).all()) == (3 if kept else 0)
        session.commit()
    again = place.post("dengji", "/cases", application(), headers={"Idempotency-Key": "intake"})
    assert (again.content == first.content) is kept


def test_an_answer_about_no_case_is_kept_for_thirty_days(place: Town) -> None:
    kept = answers.attempt(SECRET, "anquan", "POST", "/api-keys", "k1", "d")
    with db.writer(place.engine) as session:
        answers.keep(session, kept, Answer(201, "{}", {}), place.now)
        session.flush()
        answers.clear(session, place.now + answers.KEPT)
        assert answers.earlier(session, kept)
        answers.clear(session, place.now + answers.KEPT + dt.timedelta(seconds=1))
        assert answers.earlier(session, kept) is None
