"""Single sign-on from our page to the issuer and back, over HTTP, and everything that must not come through."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select

from app import db
from app.domain.terms import Role
from app.models import JournalEntry, SingleSignOnStart
from tests.api.signing import App, Browser, error_of, know, returned
from tests.databases import Databases
from tests.issuer import CLIENT, SECRET, Issuer, issuing
from tests.town import BUREAU, CITY, Town, problem, town

NOT_DONE = "统一身份认证没有完成登录，请重试"


@pytest.fixture(scope="module")
def running(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Issuer]]:
    url = databases.new()
    moments: list[Town] = []
    with issuing(lambda: int(moments[0].now.timestamp())) as issuer:
        asked = {"oidc_issuer": issuer.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        with town(
            databases.served(url), tmp_path_factory.mktemp("issuer"), **asked, oidc_second_factor=["otp"]
        ) as place:
            moments.append(place)
            place.hire("anquan", CITY, Role.SECURITY_ADMIN)
            assert link(place, "dengji", "subject-of-dengji").status_code == 200
            yield place, issuer
    databases.drop(url)


@pytest.fixture
def place(running: tuple[Town, Issuer]) -> Town:
    return running[0]


@pytest.fixture
def issuer(running: tuple[Town, Issuer]) -> Issuer:
    found = running[1]
    found.subject, found.claims, found.make_token, found.metadata = "subject-of-dengji", {}, None, {}
    return found


@pytest.fixture
def browser(place: Town) -> Browser:
    return Browser(place)


def link(place: Town, username: str, subject: str) -> Any:
    users = place.get("anquan", "/users", params={"q": username}).json()["items"]
    path = f"/api/v1/users/{users[0]['id']}/single-sign-on"
    return place.client.put(path, json={"subject": subject}, headers=place.headers("anquan"))


def at_issuer(browser: Browser) -> str:
    """Follow the link of the page and sign in at the issuer; returns where the issuer sends the browser back."""
    there = browser.client.get("/oauth/single-sign-on", params=browser.asked())
    assert there.status_code == 303, error_of(there)
    back = httpx.get(there.headers["location"], trust_env=False, timeout=60).headers["location"]
    parts = urlsplit(back)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "http://testserver/oauth/callback"
    return f"{parts.path}?{parts.query}"


def come_back(browser: Browser) -> Any:
    return browser.client.get(at_issuer(browser))


def test_the_page_offers_the_way_over_the_issuer(browser: Browser) -> None:
    page = browser.open()
    assert "用统一身份认证登录" in page.text
    assert "/oauth/single-sign-on?response_type=code&amp;client_id=swagger-ui" in page.text


def test_a_linked_person_comes_in_with_the_roles_given_here(place: Town, issuer: Issuer, browser: Browser) -> None:
    issuer.claims = {"roles": ["system_admin"], "groups": ["admin"], "preferred_username": "anquan", "email": "x@y"}
    answer = come_back(browser)
    assert (answer.status_code, returned(answer)["state"]) == (303, "a b&c=中/+")
    place.tokens["dengji"] = browser.exchange(returned(answer)["code"]).json()["access_token"]
    me = place.get("dengji", "/me").json()
    assert (me["name"], [role["code"] for role in me["roles"]]) == ("dengji", ["intake_clerk"])


def test_whoever_is_linked_to_nobody_or_disabled_stays_outside(place: Town, issuer: Issuer, browser: Browser) -> None:
    place.hire("former", BUREAU, Role.HANDLER)
    assert link(place, "former", "subject-of-former").status_code == 200
    number = place.get("anquan", "/users", params={"q": "former"}).json()["items"][0]["id"]
    assert place.post("anquan", f"/users/{number}/disable", None).status_code == 200
    for subject in ("dengji", "subject-of-nobody", "SUBJECT-OF-DENGJI", "subject-of-dengji ", "subject-of-former"):
        issuer.subject = subject
        answer = come_back(browser)
        assert (answer.status_code, "location" in answer.headers) == (403, False), subject
        assert "没有关联" in error_of(answer)


def test_a_forged_token_opens_nothing(place: Town, issuer: Issuer, browser: Browser) -> None:
    for change in ({"aud": "other"}, {"nonce": "other"}, {"iss": "https://evil.example"}, {"exp": 1}):
        issuer.claims = change
        answer = come_back(browser)
        assert (answer.status_code, error_of(answer)) == (403, NOT_DONE), change


def test_an_answer_is_taken_once_from_the_same_browser_within_ten_minutes(
    place: Town, issuer: Issuer, browser: Browser
) -> None:
    there = at_issuer(browser)
    assert browser.client.get(there).status_code == 303
    assert browser.client.get(there).status_code == 400, "the state is used up"
    foreign = at_issuer(browser)
    assert Browser(place).client.get(foreign).status_code == 400, "another browser has no cookie"
    assert browser.client.get(foreign).status_code == 400
    late = at_issuer(browser)
    place.now += dt.timedelta(minutes=10)
    assert browser.client.get(late).status_code == 400
    for made_up in ("", "?state=x&code=y", "?state=&code=", "?error=access_denied"):
        assert browser.client.get(f"/oauth/callback{made_up}").status_code == 400


def test_a_code_of_another_sign_in_is_worth_nothing(place: Town, issuer: Issuer, browser: Browser) -> None:
    victim, thief = at_issuer(browser), Browser(place)
    own = at_issuer(thief)
    stolen = dict(part.split("=", 1) for part in urlsplit(victim).query.split("&"))["code"]
    mixed = own.replace(dict(part.split("=", 1) for part in urlsplit(own).query.split("&"))["code"], stolen)
    assert thief.client.get(mixed).status_code == 403, "the issuer holds it to the other verifier"


def test_an_issuer_that_refuses_or_mixes_up_is_told_to_the_person_only(
    place: Town, issuer: Issuer, browser: Browser
) -> None:
    there = at_issuer(browser)
    for changed in (there.split("&iss=")[0] + "&iss=https://evil.example", there.replace("code=", "error=")):
        again = at_issuer(browser)
        state = dict(part.split("=", 1) for part in urlsplit(again).query.split("&"))["state"]
        old = dict(part.split("=", 1) for part in urlsplit(changed).query.split("&"))["state"]
        answer = browser.client.get(changed.replace(old, state))
        assert (answer.status_code, "location" in answer.headers) == (403, False)


def test_a_foreign_way_back_is_not_even_started(place: Town, issuer: Issuer, browser: Browser) -> None:
    for wrong in ({"redirect_uri": "https://evil.example/"}, {"client_id": "other"}):
        answer = browser.client.get("/oauth/single-sign-on", params=browser.asked(**wrong))
        assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_the_cookie_is_for_us_and_for_ten_minutes_only(place: Town, issuer: Issuer, browser: Browser) -> None:
    there = browser.client.get("/oauth/single-sign-on", params=browser.asked())
    said = there.headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax", "max-age=600", "path=/"} <= {part.strip() for part in said.split(";")}
    with db.reader(place.engine) as session:
        stored = str(session.execute(select(SingleSignOnStart.__table__)).all())
    assert browser.client.cookies["disclosure-sign-in"] not in stored


def test_starting_again_and_again_has_to_wait(place: Town, issuer: Issuer) -> None:
    stranger = Browser(place, "203.0.113.77")
    answers = [stranger.client.get("/oauth/single-sign-on", params=stranger.asked()) for _ in range(32)]
    assert [answer.status_code for answer in answers].count(303) in {30, 31}
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_administrators_are_never_linked_and_a_name_belongs_to_one_person(place: Town, issuer: Issuer) -> None:
    place.hire("xitong", CITY, Role.SYSTEM_ADMIN)
    assert link(place, "xitong", "subject-of-xitong").status_code == 403
    assert link(place, "anquan", "subject-of-anquan").status_code == 403
    assert problem(link(place, "jingban", "subject-of-dengji"))["status"] == 409
    assert place.post("xitong", "/users/1/single-sign-on/remove", None).status_code == 403


def test_the_own_second_factor_is_asked_for_unless_the_issuer_has_asked(
    place: Town, issuer: Issuer, browser: Browser
) -> None:
    place.hire("erci", BUREAU, Role.HANDLER)
    know(place, "erci")
    assert link(place, "erci", "subject-of-erci").status_code == 200
    app: App = browser.enrol("erci")
    place.now += dt.timedelta(minutes=1)
    issuer.subject = "subject-of-erci"
    page = come_back(browser)
    assert (page.status_code, "动态口令" in page.text) == (200, True)
    assert browser.enter(page, app.code()).status_code == 303
    issuer.claims = {"amr": ["pwd", "otp"]}
    answer = come_back(browser)
    assert answer.status_code == 303
    place.tokens["erci"] = browser.exchange(returned(answer)["code"]).json()["access_token"]
    assert place.post("erci", "/me/second-factor/remove", None).status_code == 200, "the proof is fresh"


def test_unlinking_ends_the_sign_in_and_the_way(place: Town, issuer: Issuer, browser: Browser) -> None:
    place.hire("zhuxiao", BUREAU, Role.HANDLER)
    link(place, "zhuxiao", "subject-of-zhuxiao")
    issuer.subject = "subject-of-zhuxiao"
    answer = come_back(browser)
    place.tokens["zhuxiao"] = browser.exchange(returned(answer)["code"]).json()["access_token"]
    assert place.get("zhuxiao", "/me").status_code == 200
    number = place.get("anquan", "/users", params={"q": "zhuxiao"}).json()["items"][0]["id"]
    assert place.post("anquan", f"/users/{number}/single-sign-on/remove", None).status_code == 200
    assert place.get("zhuxiao", "/me").status_code == 401
    assert come_back(browser).status_code == 403
    with db.reader(place.engine) as session:
        acts = set(session.scalars(select(JournalEntry.act)))
    assert {"single_sign_on", "single_sign_on_linked", "single_sign_on_unlinked", "single_sign_on_refused"} <= acts


def test_without_an_issuer_there_is_no_such_address(databases: Databases, tmp_path_factory: Any) -> None:
    url = databases.new()
    with town(databases.served(url), tmp_path_factory.mktemp("none")) as plain:
        browser = Browser(plain)
        assert "统一身份认证" not in browser.open().text
        assert browser.client.get("/oauth/single-sign-on", params=browser.asked()).status_code == 404
        assert browser.client.get("/oauth/callback").status_code == 404
    databases.drop(url)
