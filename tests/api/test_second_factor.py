"""The second factor: set up on the login page or over HTTP, asked for, used once, slowed down, lost and replaced."""

import base64
import datetime as dt
import re
from collections.abc import Iterator
from itertools import count

import pytest
from sqlalchemy import select, text, update

from app import db
from app.domain.terms import Role
from app.models import AccessToken, JournalEntry, User, UserRole
from app.services import permissions
from app.services.identity import digest
from tests.api.signing import PASSWORD, App, Browser, error_of, know, returned
from tests.databases import Databases
from tests.town import CITY, Town, problem, town

WRONG = "动态口令或者备用码不正确；用过的不能再用"


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One town for all of this; each test has people of its own."""
    url = databases.new()
    with town(databases.served(url), tmp_path_factory.mktemp("factors")) as opened:
        yield opened
    databases.drop(url)


@pytest.fixture
def browser(place: Town) -> Browser:
    return Browser(place, f"10.1.{next(NUMBERS)}.3")


@pytest.fixture
def clerk(place: Town) -> str:
    return person(place, Role.INTAKE_CLERK)


NUMBERS = count(1)


def person(place: Town, role: Role) -> str:
    """Hire somebody who knows the one password of these tests."""
    name = f"{role.value.replace('_', '-')}-{next(NUMBERS)}"
    place.hire(name, CITY, role)
    know(place, name)
    return name


def wait(place: Town, seconds: int = 60) -> None:
    place.now += dt.timedelta(seconds=seconds)


@pytest.mark.parametrize("role", sorted(permissions.ADMINS))
def test_an_administrator_sets_a_second_factor_up_before_anything_else(
    place: Town, browser: Browser, role: Role
) -> None:
    who = person(place, role)
    page = browser.fill_in(who)
    assert (page.status_code, "location" in page.headers) == (200, False)
    assert "<svg" in page.text
    app = browser.set_up_app(page)
    codes, code = browser.confirm_app(page, app)
    assert len(set(codes)) == 10
    place.tokens[who] = browser.exchange(code).json()["access_token"]
    assert place.get(who, "/users").status_code == 200
    wait(place)
    again = browser.fill_in(who)
    assert "<svg" not in again.text, "the secret is not shown twice"
    answer = browser.enter(again, app.code())
    assert returned(answer)["state"] == "a b&c=中/+"
    assert browser.exchange(returned(answer)["code"]).status_code == 200


def test_the_pages_of_the_second_factor_run_no_script_and_are_kept_by_nobody(
    place: Town, browser: Browser, clerk: str
) -> None:
    asked = browser.fill_in(person(place, Role.AUDIT_ADMIN))
    for page in (asked, browser.enter(asked, "000000")):
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self' http://testserver;" in policy
        assert "script" not in policy
        assert "unsafe" not in policy
        assert page.headers["cache-control"] == "no-store"
        assert not re.search(r"<script|style=|\son\w+=", page.text)
        assert PASSWORD not in page.text


def test_whoever_has_none_and_needs_none_is_not_asked(browser: Browser, clerk: str) -> None:
    assert browser.sign_in(clerk)


def test_a_clerk_who_wants_one_sets_it_up_on_the_page_and_is_asked_from_then_on(
    place: Town, browser: Browser, clerk: str
) -> None:
    app = browser.enrol(clerk)
    found = place.get(clerk, "/me/second-factor").json()
    assert (found["in_use"], found["recovery_codes_left"]) == (True, 10)
    wait(place)
    assert browser.enter(browser.fill_in(clerk), app.code()).status_code == 303


def test_a_code_opens_one_door_once(place: Town, browser: Browser, clerk: str) -> None:
    app = browser.enrol(clerk)
    wait(place)
    code = app.code()
    assert browser.enter(browser.fill_in(clerk), code).status_code == 303
    page = browser.fill_in(clerk)
    again = browser.enter(page, code)
    assert (again.status_code, error_of(again)) == (403, WRONG)
    older = browser.enter(page, app.code(-1))
    assert older.status_code == 403
    refused = place.post(clerk, "/me/second-factor/verify", {"code": code})
    assert (refused.status_code, problem(refused)["detail"]) == (422, WRONG)


def test_a_ticket_opens_one_door_once_and_lives_ten_minutes(place: Town, browser: Browser, clerk: str) -> None:
    app = browser.enrol(clerk)
    wait(place)
    page = browser.fill_in(clerk)
    assert browser.enter(page, app.code()).status_code == 303
    assert browser.enter(page, app.code(1)).status_code == 400
    late = browser.fill_in(clerk)
    wait(place, 600)
    assert browser.enter(late, app.code()).status_code == 400
    made_up = browser.client.post("/oauth/second-factor", data={"ticket": "guessed", "code": app.code()})
    assert made_up.status_code == 400
    unsaved = browser.client.post("/oauth/second-factor", data={"ticket": "guessed", "saved": "1"})
    assert unsaved.status_code == 400


def test_saying_that_the_codes_are_saved_does_not_skip_the_code(place: Town, browser: Browser, clerk: str) -> None:
    browser.enrol(clerk)
    ticket = re.search(r'name="ticket" value="([^"]+)"', browser.fill_in(clerk).text)
    assert ticket
    answer = browser.client.post("/oauth/second-factor", data={"ticket": ticket.group(1), "saved": "1"})
    assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_guessing_codes_is_slowed_down_and_a_known_password_does_not_help(
    place: Town, browser: Browser, clerk: str
) -> None:
    app = browser.enrol(clerk)
    wait(place)
    page = browser.fill_in(clerk)
    for _ in range(5):
        assert browser.enter(page, "000000").status_code == 403
    early = browser.enter(browser.fill_in(clerk), app.code())
    assert (early.status_code, early.headers["retry-after"]) == (429, "2")
    wait(place, 2)
    assert browser.enter(browser.fill_in(clerk), app.code()).status_code == 303


def test_a_recovery_code_stands_in_once_however_it_is_typed(place: Town, browser: Browser, clerk: str) -> None:
    page = browser.fill_in(clerk, enrol="1")
    codes, _ = browser.confirm_app(page, browser.set_up_app(page))
    assert browser.enter(browser.fill_in(clerk), f" {codes[0].upper()} ").status_code == 303
    page = browser.fill_in(clerk)
    assert browser.enter(page, codes[0]).status_code == 403
    assert browser.enter(page, codes[1].replace("-", "")).status_code == 303
    colleague = person(place, Role.HANDLER)
    browser.enrol(colleague)
    assert browser.enter(browser.fill_in(colleague), codes[2]).status_code == 403, "somebody else's"


def test_disabling_ends_the_sign_in_that_waits_for_a_code(place: Town, browser: Browser, clerk: str) -> None:
    app = browser.enrol(clerk)
    wait(place)
    page = browser.fill_in(clerk)
    with db.writer(place.engine) as session:
        session.execute(update(User).where(User.username == clerk).values(disabled_at=place.now))
        session.commit()
    assert browser.enter(page, app.code()).status_code == 400


def test_a_form_that_another_site_sends_is_refused(browser: Browser) -> None:
    answer = browser.client.post(
        "/oauth/second-factor", data={"ticket": "x", "code": "1"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403


def test_over_http_the_same_is_set_up_proven_and_removed(place: Town, clerk: str) -> None:
    begun = place.post(clerk, "/me/second-factor", None).json()
    assert begun["otpauth_uri"].startswith("otpauth://totp/")
    assert begun["qr_svg"].startswith("<svg")
    app = App(place, base64.b32decode(begun["secret"]))
    assert place.post(clerk, "/me/second-factor/confirm", {"code": "000000"}).status_code == 422
    codes = place.post(clerk, "/me/second-factor/confirm", {"code": app.code()}).json()["recovery_codes"]
    assert len(codes) == 10
    assert problem(place.post(clerk, "/me/second-factor", None))["status"] == 409
    wait(place)
    fresh = place.post(clerk, "/me/second-factor/verify", {"code": app.code()}).json()
    assert fresh == {"fresh_until": (place.now + dt.timedelta(minutes=15)).isoformat()}
    assert place.post(clerk, "/me/second-factor/remove", None).json() == {"done": True}
    assert place.get(clerk, "/me/second-factor").json()["in_use"] is False
    refused = place.post(clerk, "/me/second-factor/remove", None)
    assert (refused.status_code, problem(refused)["code"]) == (403, "second_factor_needed")


def test_a_proof_is_fresh_for_a_quarter_of_an_hour_and_says_what_is_missing(place: Town, clerk: str) -> None:
    wait(place, 15 * 60 - 1)
    assert place.post(clerk, "/me/second-factor/remove", None).status_code == 200
    colleague = person(place, Role.HANDLER)
    wait(place, 15 * 60)
    refused = place.post(colleague, "/me/second-factor/remove", None)
    assert refused.status_code == 403
    assert refused.headers["www-authenticate"] == 'Bearer error="insufficient_user_authentication"'
    assert "“验证动态口令”" in problem(refused)["next_step"]


def test_a_key_proves_nothing(place: Town) -> None:
    place.issue_key("portal", CITY, Role.PORTAL)
    for path, body in (
        ("/me/second-factor", None),
        ("/me/second-factor/confirm", {"code": "000000"}),
        ("/me/second-factor/verify", {"code": "000000"}),
        ("/me/second-factor/remove", None),
    ):
        assert place.post("portal", path, body).status_code == 403, path


def test_whoever_becomes_an_administrator_signs_in_again_first(place: Town, browser: Browser, clerk: str) -> None:
    browser.sign_in(clerk)
    with db.writer(place.engine) as session:
        user = session.scalars(select(User).where(User.username == clerk)).one()
        session.execute(text("DELETE FROM user_roles WHERE user_id = :id"), {"id": user.id})
        session.add(UserRole(user_id=user.id, role=Role.SYSTEM_ADMIN))
        session.commit()
    refused = place.get(clerk, "/users")
    assert (refused.status_code, problem(refused)["code"]) == (403, "second_factor_needed")
    assert place.get(clerk, "/me").status_code == 200
    browser.enrol(clerk)
    assert place.get(clerk, "/users").status_code == 200


def test_a_lost_telephone_is_seen_to_by_the_security_administrator_but_no_administrators(
    place: Town, browser: Browser, clerk: str
) -> None:
    browser.enrol(clerk)
    system, security = person(place, Role.SYSTEM_ADMIN), person(place, Role.SECURITY_ADMIN)

    def reset(who: str, whom: str) -> int:
        found = place.get(security, "/users", params={"q": whom}).json()["items"]
        number = found[0]["id"] if found else 2**40
        answer = place.post(who, f"/users/{number}/reset-second-factor", None)
        return int(answer.status_code)

    assert reset(system, clerk) == 403, "not the system administrator"
    assert reset(security, system) == 403
    assert reset(security, security) == 403
    assert reset(security, "nobody") == 404
    assert reset(security, clerk) == 200
    assert place.get(clerk, "/me").status_code == 401
    assert browser.sign_in(clerk), "with the password alone, as before"


def test_no_secret_of_a_second_factor_stands_in_the_database_or_the_journal(
    place: Town, browser: Browser, clerk: str
) -> None:
    page = browser.fill_in(clerk, enrol="1")
    app = browser.set_up_app(page)
    codes, _ = browser.confirm_app(page, app)
    other = person(place, Role.HANDLER)
    place.post(other, "/me/second-factor", None, headers={"Idempotency-Key": "one"})
    again = place.post(other, "/me/second-factor", None, headers={"Idempotency-Key": "one"}).json()
    assert again == {"secret": None, "otpauth_uri": None, "qr_svg": None}
    tables = ("answers", "journal", "second_factors", "recovery_codes", "sign_in_steps", "sign_in_codes")
    with db.reader(place.engine) as session:
        stored = "".join(str(session.execute(text(f"SELECT * FROM {table}")).all()) for table in tables)
        acts = session.scalars(select(JournalEntry.act).order_by(JournalEntry.id)).all()
    assert "second_factor_set_up" in acts
    for secret in (app.secret.hex(), str(app.secret), *codes, *(code.replace("-", "") for code in codes)):
        assert secret not in stored


def test_the_journal_tells_proofs_and_failures(place: Town, browser: Browser, clerk: str) -> None:
    app = browser.enrol(clerk)
    wait(place)
    browser.enter(browser.fill_in(clerk), "000000")
    token = browser.exchange(returned(browser.enter(browser.fill_in(clerk), app.code()))["code"]).json()
    with db.reader(place.engine) as session:
        own = select(JournalEntry).where(JournalEntry.actor == clerk).order_by(JournalEntry.id)
        rows = [(row.act, row.data) for row in session.scalars(own)]
        proven = session.scalars(
            select(AccessToken.second_factor_at).where(AccessToken.digest == digest(token["access_token"]))
        ).one()
    assert rows == [
        ("second_factor_set_up", {}),
        ("signed_in", {"second_factor": True}),
        ("second_factor_failed", {}),
        ("signed_in", {"second_factor": True}),
    ]
    assert proven == place.now
