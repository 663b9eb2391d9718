"""The feed gives every committed event once and in order, to those who may see it, and says nothing of whom it is about."""

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Event
from typing import Any

import pytest
from sqlalchemy import func, select

from app import db
from app.domain.actor import Actor
from app.domain.terms import Role
from app.house import House
from app.models import Agency, Case, JournalEntry, Seal, Unsealed
from app.services import feed
from app.services.visibility import sees_event
from app.workers.jobs import Job
from app.workers.runner import run_once, working
from app.workers.sealer import seal_journal
from tests.sizes import FULL
from tests.town import BUREAU, CITY, COUNTY, TOWNSHIP, Town, problem

WRITERS, READERS = (16, 4) if FULL else (4, 2)
SECONDS, ACTS = (60.0, 1 << 30) if FULL else (60.0, 6)
SEALER = [Job("sealer", "封存", seal_journal)]


def house_of(place: Town) -> House:
    return House.of(place.settings, db.everywhere(place.engine), lambda: place.now)


def seal(place: Town) -> None:
    run_once(house_of(place), SEALER)


@pytest.fixture
def city(place: Town) -> Town:
    """A town with clerks of three agencies, a supervisor of everything, a portal and a script."""
    place.hire("shizhang", CITY, Role.CITY_SUPERVISOR)
    place.hire("haidong", COUNTY, Role.INTAKE_CLERK)
    place.hire("haidongduban", COUNTY, Role.AGENCY_SUPERVISOR)
    place.hire("zhuxi", TOWNSHIP, Role.INTAKE_CLERK)
    place.issue_key("portal", CITY, Role.PORTAL)
    place.issue_key("script", COUNTY, Role.SCRIPT_READER)
    return place


def everything(place: Town, who: str, after: int = 0, limit: int = 3) -> list[dict[str, Any]]:
    """Read the feed to its end in small steps."""
    found: list[dict[str, Any]] = []
    while True:
        page = place.get(who, f"/feed?after={after}&limit={limit}").json()
        found += page["items"]
        if len(page["items"]) < limit:
            return found
        after = page["next"]


def test_writers_and_readers_at_once_lose_and_double_nothing(city: Town) -> None:
    done = Event()
    until = time.monotonic() + SECONDS

    def write(number: int) -> None:
        who, code = (("dengji", BUREAU), ("haidong", COUNTY), ("zhuxi", TOWNSHIP))[number % 3]
        for _ in range(ACTS):
            if time.monotonic() > until:
                return
            case = city.register(who, agency_code=code)
            city.act(who, case, "accept")

    def follow(_number: int) -> list[int]:
        seen: list[int] = []
        after = 0
        while True:
            finished = done.is_set()
            page = city.get("shizhang", f"/feed?after={after}&limit=50").json()
            seen += [item["sequence"] for item in page["items"]]
            assert page["next"] >= after
            after = page["next"]
            if finished and not page["items"]:
                return seen

    with working(house_of(city), SEALER), ThreadPoolExecutor(WRITERS + READERS) as pool:
        readers = [pool.submit(follow, number) for number in range(READERS)]
        for writer in [pool.submit(write, number) for number in range(WRITERS)]:
            writer.result()
        while _count(city, Unsealed):
            time.sleep(0.05)
        done.set()
        seen = [reader.result() for reader in readers]
    written = _count(city, JournalEntry)
    assert written >= 2 * WRITERS
    assert seen == [[*range(1, written + 1)]] * READERS
    _in_order_per_case(city)


def _count(place: Town, table: type[JournalEntry | Unsealed]) -> int:
    with db.reader(place.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def _in_order_per_case(place: Town) -> None:
    with db.reader(place.engine) as session:
        rows = session.execute(
            select(JournalEntry.case_id, JournalEntry.id).join(Seal).order_by(JournalEntry.case_id, Seal.sequence)
        ).all()
    assert all(one.id < other.id for one, other in pairwise(rows) if one.case_id == other.case_id)


def test_each_sees_the_events_of_the_agencies_in_sight_and_the_portal_of_its_cases(city: Town) -> None:
    for who, code in (("dengji", BUREAU), ("haidong", COUNTY), ("zhuxi", TOWNSHIP), ("portal", COUNTY)):
        city.register(who, agency_code=code)
    seal(city)
    assert [(item["sequence"], item["agency_code"]) for item in everything(city, "shizhang")] == [
        (1, BUREAU),
        (2, COUNTY),
        (3, TOWNSHIP),
        (4, COUNTY),
    ]
    for who, numbers in (
        ("dengji", [1]),
        ("haidong", [2, 4]),
        ("haidongduban", [2, 3, 4]),
        ("script", [2, 3, 4]),
        ("zhuxi", [3]),
        ("portal", [4]),
    ):
        assert [item["sequence"] for item in everything(city, who)] == numbers, who
        assert city.get(who, "/feed").json()["next"] == 4
        shown = city.get(who, "/feed/snapshot").json()
        assert [item["sequence"] for item in shown["items"]] == numbers, who
    city.hire("xitong", CITY, Role.SYSTEM_ADMIN)
    for path in ("/feed", "/feed/snapshot", "/feed/stream"):
        assert city.get("xitong", path).status_code == 403
        assert city.client.get(f"/api/v1{path}").status_code == 401


def test_the_two_ways_to_say_who_sees_an_event_agree(city: Town) -> None:
    for who, code in (("dengji", BUREAU), ("haidong", COUNTY), ("zhuxi", TOWNSHIP), ("portal", COUNTY)):
        city.register(who, agency_code=code)
    seal(city)
    with db.reader(city.engine) as session:
        events = feed.read(session, 0, 99, 99)
        agencies = session.scalars(select(Agency)).all()
        portal = session.scalars(select(Case.portal).where(Case.portal.is_not(None))).first()
        assert len(events) == 4
        for role in Role:
            for agency in agencies:
                actor = _actor(role, agency, portal or "")
                by_query = [event.sequence for event in feed.read(session, 0, 99, 99, actor)]
                assert by_query == [
                    e.sequence for e in events if sees_event(actor, e.agency_id, e.agency_path, e.portal)
                ], actor


def _actor(role: Role, agency: Agency, account: str) -> Actor:

    return Actor(
        name=account,
        label="",
        agency_id=agency.id,
        agency_path=agency.path,
        roles=frozenset({role}),
        is_key=role is Role.PORTAL,
        system=account.removeprefix("key:"),
    )


def test_an_event_tells_act_day_state_and_moved_limits_and_nobody(city: Town) -> None:
    case = city.register(purpose="了解幸福路一带的规划")
    city.act("dengji", case, "accept")
    city.act("dengji", case, "assign", handler="jingban", opinion="申请人张三住幸福路1号，电话13800000000")
    seal(city)
    answer = city.get("dengji", "/feed")
    register, accept, assign = answer.json()["items"]
    assert register == {
        "sequence": 1,
        "type": "case.register",
        "at": "2026-03-02T10:00:00+08:00",
        "on": "2026-03-02",
        "act": "register",
        "label": "登记",
        "agency_code": BUREAU,
        "case_id": case["id"],
        "case_no": case["case_no"],
        "case_kind": "disclosure",
        "state": "registered",
        "state_label": "已登记待受理",
        "due_on": {"from": None, "to": case["due_on"]},
        "target_on": {"from": None, "to": case["target_on"]},
    }
    assert (accept["act"], accept["due_on"], accept["state"]) == ("accept", None, "reviewing")
    assert assign["label"]
    for secret in ("张三", "11010519491231002X", "13800000000", "幸福路", "jingban", "dengji", "登记员甲"):
        assert secret not in answer.text, secret
        assert secret not in city.get("dengji", "/feed/snapshot").text, secret


def test_a_poll_without_news_is_304(city: Town) -> None:
    city.register()
    seal(city)
    first = city.get("dengji", "/feed?after=1")
    again = city.get("dengji", "/feed?after=1", headers={"If-None-Match": first.headers["etag"]})
    assert (first.json()["items"], again.status_code, again.content) == ([], 304, b"")


def test_a_snapshot_and_the_feed_after_it_are_the_state_of_every_case(city: Town) -> None:
    cases = [city.register() for _ in range(7)]
    for case in cases[:4]:
        city.act("dengji", case, "accept")
    seal(city)
    mirror: dict[int, str] = {}
    cursor = ""
    pages = []
    for number in range(4):
        page = city.get("duban", f"/feed/snapshot?limit=2{cursor}").json()
        pages.append(page["sequence"])
        mirror |= {item["case_id"]: item["state"] for item in page["items"]}
        cursor = f"&cursor={page['next']}"
        # Things happen between the pages, to cases already read, to those not yet read, and to new ones.
        city.act("dengji", cases[number], "assign", handler="jingban", opinion="交办")
        city.register()
        if number == 2:
            city.act("dengji", cases[6], "accept")
        seal(city)
    assert (page["next"], pages) == (None, [11] * 4)
    assert [mirror[case["id"]] for case in cases] == ["reviewing"] * 4 + ["registered"] * 3
    for item in everything(city, "duban", after=11):
        mirror[item["case_id"]] = item["state"]
    with db.reader(city.engine) as session:
        assert mirror == {case_id: state.value for case_id, state in session.execute(select(Case.id, Case.state))}


def test_a_cursor_of_the_snapshot_serves_nobody_else(city: Town) -> None:
    for _ in range(3):
        city.register()
    seal(city)
    cursor = city.get("duban", "/feed/snapshot?limit=2").json()["next"]
    answer = city.get("haidongduban", f"/feed/snapshot?limit=2&cursor={cursor}")
    assert (answer.status_code, problem(answer)["code"]) == (422, "bad_cursor")


def test_numbers_that_are_none_are_refused_and_one_from_the_future_gives_nothing(city: Town) -> None:
    for query in ("after=-1", "after=x", "limit=0", "limit=1001", "after=1_0"):
        assert city.get("dengji", f"/feed?{query}").status_code == 422, query
    assert city.get("dengji", "/feed?after=77").json() == {"items": [], "next": 77}


def test_what_nobody_committed_is_never_seen(city: Town) -> None:
    with db.writer(city.engine) as session:
        entry = {"act": "x", "label": "x", "actor": "x", "actor_label": "x", "on": dt.date(2026, 3, 2), "at": city.now}
        session.add(JournalEntry(**entry, agency_id=1, data={}, mark="m"))
        session.flush()
        session.rollback()
    city.register()
    seal(city)
    assert [item["sequence"] for item in everything(city, "dengji")] == [1]
