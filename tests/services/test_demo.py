"""The demo city is whole, agrees with itself, and shows everything there is to show."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app import db
from app.config import Settings
from app.domain import identifiers
from app.domain.actor import Actor
from app.domain.clock import Reading
from app.domain.terms import ApplicantKind, Channel, ClockState, DeliveryMethod, IdType, ReplyKind, Role, State
from app.domain.workflow import WORKFLOW
from app.errors import Clash, Forbidden
from app.house import House
from app.main import create_app
from app.migrate import migrate
from app.models import Agency, Applicant, Case, JournalEntry, Message, Reply, RunningClock, User
from app.services import clocks, files, local_sign_in
from app.services.calendars import Calendars
from app.services.demo import city
from app.services.demo.load import load
from app.services.demo.plans import SHOWPIECES
from app.services.demo.subjects import ANSWERED
from app.services.demo.traces import is_demo
from app.services.desk import Desk
from app.services.files import Standing
from app.services.passwords import Hasher
from app.workers.jobs import Job
from app.workers.runner import run_once
from app.workers.sealer import seal_journal
from tests import projections
from tests.databases import opened
from tests.demo_city import CASES, NOW, Demo
from tests.town import at


@pytest.fixture
def looking(demo: Demo) -> Iterator[Session]:
    with db.reader(demo.engine) as session:
        yield session


def standings(session: Session, settings: Settings) -> list[Standing]:
    root = session.scalars(select(Agency).where(Agency.code == city.CITY)).one()
    everything = Actor(
        name=city.CITY_SUPERVISOR,
        label="",
        agency_id=root.id,
        agency_path=root.path,
        roles=frozenset({Role.CITY_SUPERVISOR}),
    )
    desk = Desk(session, everything, Calendars().book(session), NOW, settings)
    return files.standings(desk, session.execute(files.visible(desk)).all())


def test_every_state_channel_and_kind_of_applicant_and_reply_occurs(looking: Session) -> None:
    assert set(looking.scalars(select(Case.state))) == set(State)
    assert set(looking.scalars(select(Case.channel))) == set(Channel)
    assert set(looking.scalars(select(Applicant.kind))) == set(ApplicantKind)
    assert set(looking.scalars(select(Case.delivery_method))) == set(DeliveryMethod)
    outcomes = set(looking.scalars(select(Case.outcome)))
    assert outcomes >= {*ANSWERED, ReplyKind.CLOSED_NO_CORRECTION, None}


def test_a_supervisor_finds_cases_overdue_due_today_waiting_extended_and_answered_late(
    demo: Demo, looking: Session
) -> None:
    readings: list[Reading] = [s.reading for s in standings(looking, demo.settings) if s.reading]
    today = NOW.date()
    assert sum(r.overdue_after is not None and r.overdue_after < today for r in readings) >= 3
    assert any(r.overdue_after == today for r in readings)
    assert {r.clock for r in readings} >= {ClockState.RUNNING, ClockState.PAUSED, ClockState.STOPPED}
    assert any(r.allowed_workdays > 20 and r.stopped_on is None for r in readings)
    assert any(r.late and r.stopped_on is not None for r in readings)
    carried = select(Case.id).where(Case.received_on < dt.date(2026, 1, 1), Case.stopped_on >= dt.date(2026, 1, 1))
    assert looking.scalars(carried).all()


def test_what_happens_once_in_a_hundred_cases_is_shown_once(looking: Session) -> None:
    acts = Counter(looking.scalars(select(JournalEntry.act)))
    rare = ("transfer", "split", "split_off", "merge", "supplement", "notify_third_party", "set_excessive_period")
    assert {name: acts[name] for name in rare} == dict.fromkeys(rare, 1)
    assert acts["record_reasons_delivery"] == 1
    moved = looking.scalars(select(JournalEntry.case_id).where(JournalEntry.act == "transfer")).one()
    case, agency = looking.execute(select(Case, Agency).join(Agency).where(Case.id == moved)).one()
    assert (agency.code, case.state) == (city.HELPERS[0], State.HANDLING)
    merged = looking.scalars(select(Case).join(JournalEntry).where(JournalEntry.act == "merge")).one()
    assert merged.state is State.CLOSED
    assert looking.get_one(Case, merged.origin_id).state is State.HANDLING


def test_what_is_stored_of_every_clock_is_what_its_acts_fold_to(demo: Demo, looking: Session) -> None:
    found = standings(looking, demo.settings)
    assert len(found) == CASES
    for standing in found:
        case, reading = standing.case, standing.reading
        coming = clocks.next_node(standing.nodes, case.stopped_on)
        fresh = clocks.Projection(
            due_on=reading.due_on if reading else None,
            target_on=reading.target_on if reading else None,
            overdue_after=reading.overdue_after if reading else None,
            provisional=reading.provisional if reading else False,
            next_node=coming.node if coming else None,
            next_node_on=coming.due_on if coming else None,
            stopped_on=reading.stopped_on if reading else None,
        )
        assert projections.stored(case) == projections.to_store(fresh), case.case_no


def test_the_journal_tells_how_every_case_came_to_stand_where_it_stands(looking: Session) -> None:
    for case in looking.scalars(select(Case)):
        entries = looking.scalars(
            select(JournalEntry).where(JournalEntry.case_id == case.id).order_by(JournalEntry.id)
        ).all()
        assert entries[0].act in {"register", "split_off"}
        assert entries[0].state
        state = State(entries[0].state)
        steps = [entry for entry in entries[1:] if entry.act in WORKFLOW.steps]
        for entry in steps:
            step = WORKFLOW.steps[entry.act]
            assert state in step.sources, (case.case_no, entry.act)
            state = step.target or state
            assert entry.state == state
        assert case.state == state
        moved = any(entry.act == "transferred_out" for entry in entries)  # written once more for its new agency
        assert case.version == 1 + len(steps) + moved


def test_nothing_was_done_in_the_future_and_everything_in_the_order_of_time(looking: Session) -> None:
    moments = looking.scalars(select(JournalEntry.at).order_by(JournalEntry.id)).all()
    assert list(moments) == sorted(moments)
    assert moments[-1] == NOW
    for code in looking.scalars(select(Agency.code)):
        signed = select(Reply.signed_on).join(Agency).where(Agency.code == code).order_by(Reply.case_id)
        numbers = select(Reply.document_no, Reply.signed_on).join(Agency).where(Agency.code == code)
        by_number = sorted(looking.execute(numbers), key=lambda row: (row.signed_on.year, _sequence(row.document_no)))
        assert [row.signed_on for row in by_number] == sorted(looking.scalars(signed))


def _sequence(document_no: str) -> int:
    return int(document_no.partition("〕")[2].removesuffix("号"))


def test_no_person_and_no_number_is_real(looking: Session) -> None:
    kinds = Counter[IdType | None]()
    for who in looking.scalars(select(Applicant)):
        assert who.id_type
        assert who.id_number
        assert identifiers.id_fault(who.id_type, who.id_number) is None
        assert (who.phone or "").startswith("1380000")
        assert (who.email or "@example.com").endswith("@example.com")
        if who.id_type is IdType.RESIDENT_ID:
            assert who.id_number.startswith("379900")
        else:
            assert who.id_type is not IdType.CREDIT_CODE or who.id_number[2:8] == "379900"
        assert "某" in (who.name or "") or "演示" in (who.name or "")
        kinds[who.id_type] += 1
    assert kinds[IdType.RESIDENT_ID] > kinds[IdType.CREDIT_CODE] > 0


def test_people_of_every_role_work_in_several_agencies_behind_one_random_password(demo: Demo, looking: Session) -> None:
    offices = city.offices()
    assert looking.scalar(select(func.count()).select_from(Agency)) == len(offices) == demo.made.agencies == 30
    held = Counter(role for office in offices for person in office.people for role in person.roles)
    working = set(Role) - {Role.PORTAL, Role.SCRIPT_READER, *city.ADMINISTRATORS}
    assert held.keys() == working
    assert all(count > 1 for role, count in held.items() if role is not Role.CITY_SUPERVISOR)
    for username in ("dengji", "shiduban", "xitong"):
        user = looking.scalars(select(User).where(User.username == username)).one()
        assert Hasher(1).matches(user.password_hash, demo.made.password)
        assert not user.password_is_temporary


LISTS: dict[str, tuple[str, ...]] = {
    "/api/v1/feed": ("shiduban", "jingban"),
    "/api/v1/feed/snapshot": ("shiduban", "jingban"),
    "/api/v1/cases": ("shiduban", "duban", "duban-01", "dengji", "jingban-czj"),
    "/api/v1/cases/overdue": ("shiduban", "duban"),
    "/api/v1/cases/due-soon": ("shiduban", "duban"),
    "/api/v1/assistance": ("jingban-zrj",),
    "/api/v1/messages": ("jingban-zrj",),
    "/api/v1/calendar/notices": ("dengji",),
    "/api/v1/document-templates": ("xitong",),
    "/api/v1/clock/limits": ("dengji",),
    "/api/v1/journal": ("shenji",),
    "/api/v1/agencies": ("xitong",),
    "/api/v1/users": ("xitong", "anquan"),
    "/api/v1/api-keys": ("anquan",),
    "/api/v1/worklist": ("jingban",),
    "/api/v1/remedies": ("shiduban",),
    "/api/v1/me/sign-ins": ("shiduban", "jingban"),
    "/api/v1/supervisions": ("shiduban", "duban", "jingban"),
    "/api/v1/problems": ("shiduban", "duban", "jingban"),
    "/api/v1/catalogue": ("shiduban", "duban", "jingban"),
    "/api/v1/evaluations": ("shiduban", "duban", "jingban"),
    "/api/v1/evaluations/candidates": ("shiduban", "duban", "jingban"),
    "/api/v1/statistics/agencies": ("shiduban", "jingban"),
    "/api/v1/statistics/remedies": ("shiduban",),
    "/api/v1/statistics/supervision": ("shiduban", "duban"),
    "/api/v1/statistics/publications": ("shiduban", "jingban"),
    "/api/v1/statistics/annual-report/cases?year=2026&row=granted&column=natural_person&scope=subtree": ("shiduban",),
    "/api/v1/statistics/annual-report/remedies?year=2026&row=reconsideration&column=total&scope=subtree": ("shiduban",),
}
"""Each list of the service and who, among others, finds something in it."""

RIGHTLY_EMPTY = {
    "/api/v1/archive/expired",  # volumes are kept for ten years, and the city has no such old ones
    "/api/v1/reminders",  # written by the background job, which has not run
    "/api/v1/worklist/filters",  # each person saves his own
    "/api/v1/ledger/imports",
    "/api/v1/webhooks",  # nobody listens
    "/api/v1/statistics/annual-report/snapshots",  # a table is frozen when its year is reported
}


def test_every_list_the_service_offers_shows_something(demo: Demo) -> None:
    app = create_app(demo.settings, engine=demo.engine, now=lambda: NOW)
    run_once(House.of(demo.settings, db.everywhere(demo.engine), lambda: NOW), [Job("sealer", "封存", seal_journal)])
    with TestClient(app) as client, db.writer(demo.engine) as session:
        lists = {path for path, item in app.openapi()["paths"].items() if _is_list(app, item.get("get"))}
        assert lists - RIGHTLY_EMPTY <= {path.partition("?")[0] for path in LISTS}
        for path, people in LISTS.items():
            for username in people:
                token = local_sign_in.open_for(session, username, NOW, demo.settings)
                session.commit()
                answer = client.get(path, headers={"Authorization": f"Bearer {token.value}"})
                assert answer.status_code == 200, f"{path}: {answer.text}"
                assert answer.json()["items"], (path, username)


def _is_list(app: FastAPI, operation: dict[str, Any] | None) -> bool:
    """Tell whether an endpoint answers with `items` and needs no id for it."""
    if operation is None or any(part["in"] == "path" for part in operation.get("parameters", ())):
        return False
    schema = operation["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    return bool(name) and "items" in app.openapi()["components"]["schemas"][name].get("properties", {})


def test_the_keys_of_portal_and_script_open_what_they_should(demo: Demo) -> None:
    app = create_app(demo.settings, engine=demo.engine, now=lambda: NOW)
    body: dict[str, Any] = {
        "agency_code": "370600-GXJ",
        "channel": "internet",
        "submitted_at": "2026-11-20T16:30:00+08:00",
        "external_no": "PORTAL-2026-0001",
        "applicant": {"kind": "natural_person", "name": "张三"},
        "items": [{"title": "城东片区控制性详细规划的批复", "document_no": None, "description": "文本和图则"}],
        "carrier": "paper",
        "delivery_method": "post",
        "purpose": None,
    }
    with TestClient(app) as client:
        portal, reader = ({"X-API-Key": key} for key in (demo.made.portal_key, demo.made.reader_key))
        answer = client.post("/api/v1/cases", json=body, headers=portal | {"Idempotency-Key": "example"})
        assert answer.status_code == 201, answer.text
        assert len(answer.json()["query_code"]) == 10
        assert client.get("/api/v1/cases/overdue", headers=reader).json()["items"]
        assert client.post("/api/v1/cases", json=body, headers=reader).status_code == 403


def test_two_agencies_talk_about_a_case(demo: Demo) -> None:
    with db.reader(demo.engine) as session:
        question, answer, _note = session.scalars(select(Message).order_by(Message.id)).all()
        assert (question.kind, answer.kind, answer.answers_id) == ("question", "answer", question.id)
        assert question.agency_id != answer.agency_id


def test_a_second_city_is_refused(demo: Demo) -> None:
    with db.writer(demo.engine) as session:
        assert is_demo(session)
        with pytest.raises(Clash, match="已经有演示数据"):
            load(session, demo.settings, NOW, count=1, seed=1)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Session]:
    """An empty database of one kind, where the other kind could show nothing new."""
    url = f"sqlite:///{tmp_path / 'alone.sqlite3'}"
    migrate(url, NOW)
    engine = opened(url)
    with db.writer(engine) as session:
        yield session
    engine.dispose()


def test_a_database_that_has_people_is_refused(alone: Session, tmp_path: Path) -> None:
    agency = Agency(code="1", name="某机关", path="/1/", region="CN", settings={})
    alone.add(agency)
    alone.flush()
    alone.add(User(username="a", display_name="甲", agency_id=agency.id, password_hash="!", created_at=NOW, roles=[]))
    alone.flush()
    with pytest.raises(Clash, match="已经有用户或者案件"):
        load(alone, Settings(data_dir=tmp_path), NOW, count=1, seed=1)
    assert not is_demo(alone)


@pytest.mark.parametrize(
    "unsafe",
    [
        {"host": "0.0.0.0"},
        {"profile": "production", "secret": "0123456789abcdefghijklmnopqrstuvwxyz", "master_key_file": "keys"},
    ],
)
def test_a_network_address_and_production_are_refused(alone: Session, tmp_path: Path, unsafe: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        load(alone, Settings(data_dir=tmp_path, **unsafe), NOW, count=1, seed=1)


@pytest.mark.parametrize("now", ["2026-10-04 00:01", "2026-01-02 12:00", "2026-02-28 23:59", "2027-03-01 08:00"])
def test_every_state_occurs_whatever_the_day_of_loading(alone: Session, tmp_path: Path, now: str) -> None:
    load(alone, Settings(data_dir=tmp_path), at(now), count=len(SHOWPIECES), seed=1)
    assert set(alone.scalars(select(Case.state))) == set(State)
    overdue = select(RunningClock.case_id).where(RunningClock.overdue_after < at(now).date())
    assert len(alone.scalars(overdue).all()) >= 3


def test_the_same_seed_and_day_make_the_same_cases(alone: Session, tmp_path: Path) -> None:
    def once() -> list[tuple[Any, ...]]:
        with alone.begin_nested() as savepoint:
            load(alone, Settings(data_dir=tmp_path), NOW, count=40, seed=7)
            found = [
                (row.case_no, row.state, row.title, row.due_on, row.outcome, row.updated_at)
                for row in alone.scalars(select(Case).order_by(Case.case_no))
            ]
            savepoint.rollback()
        return found

    assert once() == once()
