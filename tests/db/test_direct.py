"""What goes past the session is what would have gone through it: rows entered, cases with their keys, and answers."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import db
from app.models import (
    AccessToken,
    Agency,
    ApiKey,
    Applicant,
    Base,
    Case,
    CaseItem,
    ClockEntry,
    IssuedDocument,
    JournalEntry,
    StoredAnswer,
    Unsealed,
)
from app.models.case import CaseText
from app.models.direct import OfCases, PreparedStatement, enter
from app.models.keyring import keyring_of
from app.models.sealed import sealed_fields
from tests.databases import Databases
from tests.town import Town, application, town

ENTERED = (Applicant, CaseItem, CaseText, ClockEntry, IssuedDocument, JournalEntry, StoredAnswer)
"""What services enter."""

FREED = (Applicant, CaseItem, CaseText, StoredAnswer)
"""Whose key is no running number: the first row makes way for its double."""

DIFFERENT: dict[str, Any] = {"id": None, "mark": "f" * 64, "number": 99}
"""What no two rows share."""


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(databases.new(), tmp_path_factory.mktemp("entering")) as opened:
        headers = opened.headers("dengji") | {"Idempotency-Key": "1"}
        case = opened.client.post("/api/v1/cases", json=application(purpose="科研"), headers=headers).json()
        opened.act("dengji", case, "accept")
        asked = {"unclear": "不明", "required": "请写明年度", "reply_within_workdays": 10}
        opened.act("dengji", case, "request_correction", **asked)
        yield opened


def content(row: Any) -> dict[str, Any]:
    """Everything a row holds, sealed texts opened."""
    sealed = sealed_fields(type(row))
    hidden = {field.column for field in sealed.values()}
    plain = {name for name in inspect(type(row)).column_attrs.keys() if name not in hidden}  # noqa: SIM118 — no mapping
    return {name: getattr(row, name) for name in plain | sealed.keys()}


def stored(session: Session, kind: type[Base]) -> Any:
    key = inspect(kind).primary_key
    return session.scalars(select(kind).order_by(*(column.desc() for column in key)).limit(1)).one()


@pytest.mark.parametrize("kind", ENTERED)
def test_a_row_entered_is_the_row_a_flush_writes(place: Town, kind: type[Base]) -> None:
    written = []
    for way in ("flush", "enter"):
        with db.writer(place.engine) as session:
            given = content(stored(session, kind)) | {
                name: value for name, value in DIFFERENT.items() if name in inspect(kind).column_attrs
            }
            if kind in FREED:
                session.execute(delete(kind))
                session.expunge_all()
            double = kind(**given)
            if way == "flush":
                session.add(double)
                session.flush()
            else:
                enter(session, double)
            session.expunge_all()
            written.append(content(stored(session, kind)))
            session.rollback()
    flushed, entered = written
    flushed.pop("id", None), entered.pop("id", None)
    assert entered == flushed
    assert any(value is not None for value in entered.values())


def test_a_case_entered_is_the_case_a_flush_writes_and_opens_with_its_key(place: Town) -> None:
    written = []
    for way in ("flush", "enter"):
        with db.writer(place.engine) as session:
            given = content(stored(session, Case)) | {
                "id": None,
                "case_no": "甲-2026-000099",
                "version": 1,
                "query_code_digest": "f" * 64,
            }
            case = Case(**given)
            if way == "flush":
                session.add(case)
                session.flush()
            else:
                keyring_of(session).enter(session, case)
            assert case.id
            session.expunge_all()
            session.info.clear()  # of the keys at hand: the case's own is read from the database
            written.append(content(session.get_one(Case, case.id)))
            session.rollback()
    flushed, entered = ({name: value for name, value in row.items() if name != "id"} for row in written)
    assert entered == flushed
    assert entered["title"] == "城东片区控制性详细规划的批复"
    assert entered["version"] == 1


@pytest.mark.parametrize("kind", [AccessToken, Agency, Case, *ENTERED])
def test_a_prepared_statement_answers_as_the_session_does(place: Town, kind: type[Base]) -> None:
    statement = select(*inspect(kind).columns)
    with db.reader(place.engine) as session:
        expected = [tuple(row) for row in session.execute(statement)]
        found = PreparedStatement(statement).rows(session)
    assert found == expected
    assert [list(map(type, row)) for row in found] == [list(map(type, row)) for row in expected]
    assert found


def test_one_case_and_several_are_answered_alike(place: Town) -> None:
    first, second = (place.register()["id"] for _ in range(2))
    question = OfCases(select(CaseItem.case_id, CaseItem.no).order_by(CaseItem.no), CaseItem.case_id.expression)
    with db.writer(place.engine) as session:
        enter(session, CaseItem(case_id=first, no=2, title="第二项"))
        alone = [tuple(row) for row in question.rows(session, [first])]
        assert len(alone) == 2
        both = [tuple(row) for row in question.rows(session, [first, second])]
        assert [row for row in both if row[0] == first] == alone
        assert len(both) == 3
        session.rollback()


def test_a_statement_whose_values_are_counted_when_it_is_run_is_not_prepared(place: Town) -> None:
    with db.reader(place.engine) as session, pytest.raises(TypeError, match="known only when it is run"):
        PreparedStatement(select(Case.id).where(Case.id.in_([1, 2]))).rows(session)


def test_what_is_not_given_is_the_columns_default_and_a_clash_is_the_databases_own(place: Town) -> None:
    with db.writer(place.engine) as session:
        enter(session, Unsealed(entry_id=10**9))
        assert session.get_one(Unsealed, 10**9).refused is False
        with pytest.raises(IntegrityError):
            enter(session, Unsealed(entry_id=10**9))


def test_a_default_that_only_a_flush_can_fill_is_refused(place: Town) -> None:
    with db.writer(place.engine) as session, pytest.raises(TypeError, match=r"ApiKey\.system"):
        enter(session, ApiKey())
