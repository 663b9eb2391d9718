"""The profile for 等级保护: kinds of characters, ageing, history. And hashes that grow old, in both profiles."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from app import db
from app.models import User
from app.services.passwords import Hasher
from tests.api.signing import HASH, PASSWORD, Browser, error_of, know
from tests.town import QUICK, Town, town

SERIES = ["Cha-Hu-Shan-Lu-%d" % number for number in (8352, 7461, 6570, 5689, 4798, 3807)]  # noqa: UP031 — a row of passwords


@pytest.fixture
def strict(served_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(served_database, tmp_path, password_profile="mlps") as place:
        know(place, "dengji")
        yield place


def change(place: Town, old: str, new: str) -> str:
    """Sign in at the page with a password that has grown old and give a new one; returns what is wrong with it."""
    answer = Browser(place).fill_in("dengji", old, new_password=new, new_password_again=new)
    return "" if answer.status_code == 303 else error_of(answer)


def test_a_password_is_good_for_ninety_days(strict: Town) -> None:
    strict.now += dt.timedelta(days=90, seconds=-1)
    assert Browser(strict).sign_in("dengji")
    strict.now += dt.timedelta(seconds=1)
    page = Browser(strict).fill_in("dengji")
    assert (page.status_code, error_of(page)) == (200, "密码已使用满90天，请换成新的密码")
    assert "大写字母、小写字母、数字、其他字符中至少有3种" in page.text
    assert change(strict, PASSWORD, SERIES[0]) == ""
    strict.now += dt.timedelta(days=89)
    assert Browser(strict).sign_in("dengji", SERIES[0])


def test_a_password_needs_three_kinds_of_characters(strict: Town) -> None:
    strict.now += dt.timedelta(days=90)
    for poor in ("lvchahuzaishanlu", "LVCHAHUZAISHANLU", "lvchahu zai shanlu", "lvchahu8352shanlu"):
        assert "至少3种" in change(strict, PASSWORD, poor), poor
    assert change(strict, PASSWORD, SERIES[0]) == ""


def test_none_of_the_last_five_passwords_is_taken_again(strict: Town) -> None:
    worn = PASSWORD
    for number, fresh in enumerate(SERIES[:5]):
        strict.now += dt.timedelta(days=90)
        assert [change(strict, worn, used) for used in SERIES[:number]] == [
            *["新密码不能与最近5次用过的密码相同"] * (number - 1),
            *["新密码不能与原密码相同"] * bool(number),
        ]
        strict.now += dt.timedelta(minutes=6)
        assert change(strict, worn, fresh) == ""
        worn = fresh
    strict.now += dt.timedelta(days=90)
    assert change(strict, worn, SERIES[5]) == ""
    strict.now += dt.timedelta(days=90)
    assert change(strict, SERIES[5], SERIES[0]) == "", "the sixth last is forgotten"


def test_the_api_knows_the_profile_too(strict: Town) -> None:
    Browser(strict).sign_in("dengji")
    for poor, reason in (("lvchahuzaishanlu", "至少3种"), (PASSWORD, "与原密码相同")):
        answer = strict.post("dengji", "/me/password", {"old_password": PASSWORD, "new_password": poor})
        assert answer.status_code == 422
        assert reason in answer.json()["detail"]


def test_in_the_modern_profile_no_password_grows_old(place: Town) -> None:
    know(place, "dengji")
    place.now += dt.timedelta(days=3650)
    assert Browser(place).sign_in("dengji")


def test_a_hash_of_old_parameters_is_renewed_at_the_next_sign_in(place: Town) -> None:
    know(place, "dengji")
    stronger = Hasher(1, replace(QUICK, memory_cost=128))
    app = place.client.app
    app.state.house = replace(app.state.house, hasher=stronger)  # type: ignore[attr-defined]  # a Starlette application
    assert Browser(place).fill_in("dengji", "wrong").status_code == 403
    assert _hash(place) == HASH
    assert Browser(place).sign_in("dengji")
    renewed = _hash(place)
    assert "m=128," in renewed
    assert stronger.matches(renewed, PASSWORD)
    assert Browser(place).sign_in("dengji")
    assert _hash(place) == renewed


def _hash(place: Town) -> str:
    with db.reader(place.engine) as session:
        return session.scalars(select(User.password_hash).where(User.username == "dengji")).one()
