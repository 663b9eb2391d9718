"""Lost password or telephone: a code from the command line, a page, a new password, and a second factor set up anew."""

import datetime as dt

import pytest
from sqlalchemy import select, text

from app import db
from app.domain.terms import Role
from app.errors import NotFound
from app.models import JournalEntry
from app.services import recovery
from tests.api.signing import PASSWORD, Browser, error_of, know
from tests.town import CITY, Town

FRESH = "蓝色茶壶-山路-8352-松"


@pytest.fixture
def browser(place: Town) -> Browser:
    place.hire("xitong", CITY, Role.SYSTEM_ADMIN)
    know(place, "xitong", "dengji")
    return Browser(place)


def issue(place: Town, username: str = "xitong") -> str:
    with db.writer(place.engine) as session:
        token = recovery.issue(session, username, place.now)
        session.commit()
    return token


def fill_in(
    browser: Browser, token: str, username: str = "xitong", new: str = FRESH, again: str = ""
) -> tuple[int, str]:
    form = {"username": username, "token": token, "new_password": new, "new_password_again": again or new}
    answer = browser.client.post("/oauth/recover", data=form)
    return answer.status_code, error_of(answer)


def test_an_administrator_comes_back_with_a_new_password_and_a_new_second_factor(place: Town, browser: Browser) -> None:
    old = browser.enrol("xitong")
    token = issue(place)
    page = browser.client.get("/oauth/recover")
    assert page.status_code == 200
    assert "script" not in page.headers["content-security-policy"]
    assert fill_in(browser, token) == (200, "")
    assert place.get("xitong", "/me").status_code == 401, "every sign-in has ended"
    assert browser.fill_in("xitong", PASSWORD).status_code == 403
    assert "<svg" in browser.fill_in("xitong", FRESH).text, "the old app is void"
    place.now += dt.timedelta(minutes=1)
    again = browser.fill_in("xitong", FRESH)
    assert browser.enter(again, old.code()).status_code == 403
    with db.reader(place.engine) as session:
        acts = [row.act for row in session.scalars(select(JournalEntry).order_by(JournalEntry.id))]
        stored = str(session.execute(text("SELECT * FROM recovery_tokens")).all())
    assert [act for act in acts if act.startswith("recover")] == ["recovery_issued", "recovered"]
    assert token not in stored


def test_a_code_is_good_once_for_one_hour_and_for_one_person(place: Town, browser: Browser) -> None:
    first, token = issue(place), issue(place)
    wrong = (403, "登录名或者恢复码不正确，或者恢复码已经过期、已经用过")
    assert fill_in(browser, first) == wrong, "a later one makes it void"
    assert fill_in(browser, token, username="dengji") == wrong
    assert fill_in(browser, token + "x") == wrong
    assert fill_in(Browser(place, "10.9.9.9"), token) == (200, "")
    assert fill_in(Browser(place, "10.9.9.8"), token) == wrong
    late = issue(place)
    place.now += dt.timedelta(hours=1)
    assert fill_in(browser, late) == wrong


def test_a_weak_password_does_not_use_the_code_up(place: Town, browser: Browser) -> None:
    token = issue(place)
    assert "猜中" in fill_in(browser, token, new="password12345")[1]
    assert "不一致" in fill_in(browser, token, again=FRESH + "x")[1]
    assert fill_in(browser, token) == (200, "")


def test_guessing_is_slowed_down(place: Town, browser: Browser) -> None:
    assert [fill_in(browser, f"guess-{number}")[0] for number in range(7)] == [403] * 5 + [429] * 2


def test_another_site_cannot_send_the_form(browser: Browser) -> None:
    answer = browser.client.post("/oauth/recover", data={"token": "x"}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403


def test_nobody_unknown_or_disabled_is_given_a_code(place: Town, browser: Browser) -> None:
    with pytest.raises(NotFound):
        issue(place, "nobody")
    with db.writer(place.engine) as session:
        session.execute(text("UPDATE users SET disabled_at = '2026-01-01 00:00:00' WHERE username = 'dengji'"))
        session.commit()
    with pytest.raises(NotFound):
        issue(place, "dengji")
