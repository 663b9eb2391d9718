"""A person's own sign-ins: seen, ended, and no more than so many at once; and those of others ended by an administrator."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app import db
from app.domain.terms import Role
from app.models import AccessToken, JournalEntry
from app.services.identity import digest
from tests.api.signing import PASSWORD, Browser, know
from tests.town import BUREAU, CITY, COUNTY, Town, problem, town

MOST = 3


@pytest.fixture
def place(served_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(served_database, tmp_path, sign_ins_at_once=MOST) as opened:
        opened.hire("anquan", CITY, Role.SECURITY_ADMIN)
        opened.hire("qu-anquan", COUNTY, Role.SECURITY_ADMIN)
        know(opened, "dengji", "jingban")
        yield opened


def sign_in(place: Town, name: str, who: str) -> None:
    """Sign in once more, under a name of the test's own for this sign-in."""
    place.tokens[name] = Browser(place).sign_in(who)


def known(place: Town, name: str) -> bool:
    return bool(place.get(name, "/me").status_code == 200)


def listed(place: Town, name: str) -> Any:
    answer = place.get(name, "/me/sign-ins")
    assert answer.status_code == 200, answer.text
    return answer.json()


def ended(place: Town, name: str, path: str = "/me/sign-ins/end", **body: Any) -> int:
    answer = place.post(name, path, body if path.startswith("/me") else None)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["ended"])


@pytest.fixture
def three(place: Town) -> Town:
    """The registrar, signed in at home, at the office and at the counter, in this order."""
    with db.writer(place.engine) as session:
        session.execute(
            update(AccessToken).where(AccessToken.digest == digest(place.tokens["dengji"])).values(expires_at=place.now)
        )
        session.commit()
    for name in ("home", "office", "counter"):
        place.now += dt.timedelta(minutes=2)
        sign_in(place, name, "dengji")
    return place


def test_a_person_sees_the_own_sign_ins_that_go_on_and_nothing_that_opens_them(three: Town) -> None:
    three.now += dt.timedelta(minutes=2)
    assert known(three, "home")
    found = listed(three, "home")
    assert found["most"] == MOST
    assert [one["current"] for one in found["items"]] == [True, False, False]
    newest = found["items"][0]
    assert newest["begun_at"] < newest["used_at"] < newest["ends_at"]
    assert dt.datetime.fromisoformat(newest["ends_at"]) == three.now + dt.timedelta(minutes=30)
    for name in ("home", "office", "counter"):
        assert three.tokens[name] not in str(found)
        assert digest(three.tokens[name]) not in str(found)
    three.now += dt.timedelta(minutes=29)
    assert [one["current"] for one in listed(three, "home")["items"]] == [True]  # the others were not used


def test_the_others_are_ended_at_once_by_whoever_knows_the_password(three: Town) -> None:
    refused = problem(three.post("counter", "/me/sign-ins/end", {}))
    assert (refused["status"], refused["reasons"][0]["field"]) == (422, "password")
    wrong = three.post("counter", "/me/sign-ins/end", {"password": "是谁忘了锁屏-2026"})
    assert wrong.status_code == 422
    assert known(three, "home")
    three.now += dt.timedelta(minutes=1)  # a wrong one delays the next
    assert ended(three, "counter", password=PASSWORD) == 2
    assert [known(three, name) for name in ("home", "office", "counter")] == [False, False, True]
    with db.reader(three.engine) as session:
        entry = session.scalars(select(JournalEntry).where(JournalEntry.act == "sign_ins_ended")).one()
        assert (entry.actor, entry.data) == ("dengji", {"username": "dengji", "count": 2})


def test_one_is_ended_by_its_id_after_a_second_factor_and_nobody_elses(three: Town) -> None:
    sign_in(three, "other", "jingban")
    with db.writer(three.engine) as session:
        proven = update(AccessToken).where(AccessToken.digest == digest(three.tokens["counter"]))
        session.execute(proven.values(second_factor_at=three.now))
        session.commit()
    strangers = [one["id"] for one in listed(three, "other")["items"]]
    refused = problem(three.post("counter", "/me/sign-ins/end", {"ids": strangers}))
    assert (refused["status"], refused["reasons"][0]["code"]) == (422, "unknown_sign_in")
    assert known(three, "other")
    mine = listed(three, "counter")["items"]
    (home,) = [one["id"] for one in mine if one["id"] == digest(three.tokens["home"])[:16]]
    assert ended(three, "counter", ids=[home]) == 1
    assert [known(three, name) for name in ("home", "office", "counter")] == [False, True, True]
    assert all(re.fullmatch(r"[0-9a-f]{16}", one["id"]) for one in mine)


def test_one_more_than_may_be_at_once_ends_the_one_unused_for_longest(three: Town) -> None:
    three.now += dt.timedelta(minutes=2)
    assert known(three, "home")
    sign_in(three, "fourth", "dengji")
    assert [known(three, name) for name in ("home", "office", "counter", "fourth")] == [True, False, True, True]
    assert known(three, "jingban")
    with db.reader(three.engine) as session:
        entry = session.scalars(select(JournalEntry).where(JournalEntry.act == "sign_ins_ended")).one()
        assert entry.data == {"count": 1}


def test_the_security_administrator_ends_a_persons_sign_ins_and_leaves_the_account_open(three: Town) -> None:
    users = {one["username"]: one["id"] for one in three.get("anquan", "/users?size=100").json()["items"]}
    path = f"/users/{users['dengji']}/end-sign-ins"
    for stranger in ("qu-anquan", "jingban"):
        assert three.post(stranger, path, None).status_code in {403, 404}
    assert ended(three, "anquan", path) == 3
    assert not any(known(three, name) for name in ("home", "office", "counter"))
    assert known(three, "jingban")
    sign_in(three, "again", "dengji")
    assert known(three, "again")
    assert three.post("anquan", f"/users/{users['anquan']}/end-sign-ins", None).status_code == 403


def test_after_an_incident_everybody_below_signs_in_anew_but_whoever_ordered_it(three: Town) -> None:
    three.issue_key("门户", BUREAU, Role.PORTAL)
    assert ended(three, "qu-anquan", "/users/end-sign-ins") == 0  # nobody else is signed in at the county
    assert known(three, "home")
    assert ended(three, "anquan", "/users/end-sign-ins") >= 5
    for name in ("home", "office", "counter", "jingban", "qu-anquan"):
        assert not known(three, name)
    assert known(three, "anquan")
    assert known(three, "门户")


def test_a_key_has_no_sign_ins(place: Town) -> None:
    place.issue_key("门户", BUREAU, Role.PORTAL)
    assert place.get("门户", "/me/sign-ins").status_code == 403
    assert place.post("门户", "/me/sign-ins/end", {"password": PASSWORD}).status_code == 403
