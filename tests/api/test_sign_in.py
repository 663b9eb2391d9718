"""Signing in over HTTP: authorization code with PKCE, the page, the delays, and how a sign-in ends."""

import datetime as dt
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from app import db
from app.config import Settings
from app.models import AccessToken, JournalEntry, SignInCode, User
from tests.api.signing import BACK, HASH, PASSWORD, Browser, challenge, error_of, know, returned
from tests.town import Town, problem

WRONG = "登录名或者密码不正确"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def browser(place: Town) -> Browser:
    know(place, "dengji", "jingban")
    return Browser(place)


def test_a_clerk_signs_in_with_code_and_pkce(place: Town, browser: Browser) -> None:
    page = browser.open()
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    answer = browser.fill_in("dengji")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(BACK + "?")
    assert returned(answer)["state"] == "a b&c=中/+"
    token = browser.exchange(returned(answer)["code"])
    assert token.headers["cache-control"] == "no-store"
    found = token.json()
    assert (found["token_type"], found["expires_in"]) == ("Bearer", 12 * 3600)
    place.tokens["dengji"] = found["access_token"]
    me = place.get("dengji", "/me").json()
    assert (me["name"], me["label"], me["is_key"]) == ("dengji", "登记员甲", False)
    assert me["roles"] == [{"code": "intake_clerk", "label": "登记员"}]


def test_the_name_is_taken_as_typed_on_a_phone(browser: Browser) -> None:
    assert browser.sign_in(" Dengji ")


def test_the_page_runs_no_script_and_sends_its_form_only_home(browser: Browser) -> None:
    page = browser.open()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "form-action 'self' http://testserver;" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["referrer-policy"] == "same-origin"
    assert not re.search(r"<script|style=|\son\w+=", page.text)
    css = re.search(r'href="([^"]+\.css)"', page.text)
    assert css
    assert browser.client.get(css.group(1)).headers["content-type"].startswith("text/css")
    for field in ("username", "password"):
        assert f'<label for="{field}">' in page.text
        assert f'id="{field}"' in page.text


def test_what_was_typed_comes_back_as_text(browser: Browser) -> None:
    page = browser.fill_in('"><b>', "x")
    assert "<b>" not in page.text
    assert "&#34;&gt;&lt;b&gt;" in page.text
    assert PASSWORD not in browser.fill_in("nobody").text


FOREIGN = (
    *("https://evil.example/docs/oauth2-redirect", "http://testserver/docs/oauth2-redirect/", "http://testserver/docs"),
    *(
        BACK + "?x=1",
        BACK + "#x",
        BACK + "@evil.example",
        "//testserver/docs/oauth2-redirect",
        "",
        "javascript:alert(1)",
    ),
    *("http://testserver.evil.example/docs/oauth2-redirect", "HTTP://TESTSERVER/docs/oauth2-redirect"),
)


def test_a_foreign_way_back_is_never_taken(browser: Browser) -> None:
    for foreign in FOREIGN:
        page = browser.open(redirect_uri=foreign)
        assert page.status_code == 400, foreign
        assert "location" not in page.headers
        assert "<form" not in page.text
        filled = browser.asked(redirect_uri=foreign, username="dengji", password=PASSWORD)
        answer = browser.client.post("/oauth/authorize", data=filled)
        assert (answer.status_code, "location" in answer.headers) == (400, False), foreign


def test_a_client_nobody_registered_is_told_to_the_person_only(browser: Browser) -> None:
    assert browser.open(client_id="other").status_code == 400
    assert browser.open(client_id="\x00").status_code == 422  # refused at the door


def test_without_pkce_the_client_gets_an_error_and_its_state(browser: Browser) -> None:
    for changed, error in (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "é" * 43}, "invalid_request"),
    ):
        answer = browser.open(**changed)
        assert answer.status_code == 303, changed
        assert {"error": error, "state": "a b&c=中/+"}.items() <= returned(answer).items()
        assert "code" not in returned(answer)


def test_a_parameter_given_twice_is_refused(browser: Browser) -> None:
    answer = browser.client.get("/oauth/authorize", params=[*browser.asked().items(), ("state", "second")])
    assert returned(answer)["error"] == "invalid_request"


def test_unknown_wrong_and_disabled_get_one_answer(place: Town, browser: Browser) -> None:
    with db.writer(place.engine) as session:
        session.scalars(select(User).where(User.username == "jingban")).one().disabled_at = place.now
        session.commit()
    said = set()
    for username, password in (
        ("dengji", "not-the-password"),
        ("nobody", PASSWORD),
        ("jingban", PASSWORD),
    ):
        page = browser.fill_in(username, password)
        same = re.sub(r' (value="[^"]*"|autofocus)', "", page.text)
        headers = {
            name: value for name, value in page.headers.items() if name not in {"x-request-id", "content-length"}
        }
        said.add((page.status_code, error_of(page), same, tuple(sorted(headers.items()))))
    assert len(said) == 1
    assert {(status, error) for status, error, *_ in said} == {(403, WRONG)}


def test_an_unknown_name_costs_as_much_hashing_as_a_known_one(place: Town, browser: Browser) -> None:
    hasher = place.client.app.state.house.hasher  # type: ignore[attr-defined]  # the town runs a Starlette application
    for name in ("dengji", "nobody"):
        before = hasher.checked
        browser.fill_in(name, "not-the-password")
        assert hasher.checked == before + 1, name
    assert hasher.matches(None, "") is False


def test_failures_make_the_next_try_wait_and_the_right_password_too(place: Town, browser: Browser) -> None:
    for _ in range(5):
        assert error_of(browser.fill_in("dengji", "wrong")) == WRONG
    early = browser.fill_in("dengji")
    assert (early.status_code, early.headers["retry-after"]) == (429, "2")
    assert error_of(early) == "尝试次数过多，请2秒后再试"
    place.now += dt.timedelta(seconds=2)
    assert browser.sign_in("dengji")


def test_the_delay_of_a_name_does_not_tell_whether_it_exists(browser: Browser) -> None:
    def told(name: str) -> list[tuple[int, str | None]]:
        answers = [browser.fill_in(name, "wrong") for _ in range(7)]
        return [(answer.status_code, answer.headers.get("retry-after")) for answer in answers]

    assert told("dengji") == told("nobody") == [(403, None)] * 5 + [(429, "2")] * 2


def test_a_stranger_who_fails_elsewhere_keeps_nobody_out(place: Town, browser: Browser) -> None:
    browser.sign_in("dengji")
    stranger = Browser(place, "203.0.113.9")
    assert [stranger.fill_in("dengji", "wrong").status_code for _ in range(7)][-1] == 429
    assert browser.sign_in("dengji")


def test_a_form_that_another_site_sends_is_refused(browser: Browser) -> None:
    for headers, status in (
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ({"origin": "http://testserver"}, 303),
        ({}, 303),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ):
        assert browser.fill_in("dengji", headers=headers).status_code == status, headers


def test_a_code_is_bound_to_its_verifier_and_way_back(browser: Browser) -> None:
    for changed in (
        {"code_verifier": "x" * 43},
        {"code_verifier": "short"},
        {"code_verifier": "é" * 43},
        {"redirect_uri": "https://evil.example/"},
        {"code": "guessed"},
    ):
        code = browser.code("dengji")
        answer = browser.exchange(code, **changed)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), changed
        if "code" not in changed:
            assert browser.exchange(code).json()["error"] == "invalid_grant", "a wrong try uses the code up"


def test_the_challenge_itself_is_no_verifier(browser: Browser) -> None:
    answer = browser.exchange(browser.code("dengji"), code_verifier=challenge(browser.verifier))
    assert answer.json()["error"] == "invalid_grant"


def test_a_refused_exchange_speaks_rfc_6749(browser: Browser) -> None:
    for changed, status, error in (
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, 400, "unsupported_grant_type"),
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"code_verifier": ""}, 400, "invalid_request"),
        ({"code": ""}, 400, "invalid_request"),
    ):
        answer = browser.exchange("some-code", **changed)
        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["error_description"].isascii()


def test_a_code_used_twice_ends_the_sign_in_it_gave(place: Town, browser: Browser) -> None:
    code = browser.code("dengji")
    place.tokens["dengji"] = browser.exchange(code).json()["access_token"]
    assert place.get("dengji", "/me").status_code == 200
    assert browser.exchange(code).json()["error"] == "invalid_grant"
    assert place.get("dengji", "/me").status_code == 401


def test_a_code_lives_one_minute(place: Town, browser: Browser) -> None:
    code = browser.code("dengji")
    place.now += dt.timedelta(seconds=60)
    assert browser.exchange(code).json()["error"] == "invalid_grant"


def test_a_registered_front_end_gets_its_own_way_back_and_no_other(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="https"):
        Settings(data_dir=tmp_path, oauth_clients={"front": ["http://front.example/back"]})
    for wrong in ("https://front.example/*", "https://front.example/#x", "/back", "javascript:alert(1)"):
        with pytest.raises(ValueError, match="https"):
            Settings(data_dir=tmp_path, oauth_clients={"front": [wrong]})
    assert Settings(data_dir=tmp_path, oauth_clients={"front": ["https://front.example/back"]}).oauth_clients


def test_logging_out_holds_from_the_next_request(place: Town, browser: Browser) -> None:
    token = browser.sign_in("dengji")
    assert browser.client.post("/oauth/revoke", data={"token": token}).status_code == 200
    refused = place.get("dengji", "/me")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert problem(refused)["code"] == "unauthenticated"
    assert browser.client.post("/oauth/revoke", data={"token": "unknown"}).status_code == 200
    assert browser.client.post("/oauth/revoke").status_code == 200


def test_disabling_holds_within_the_same_second(place: Town, browser: Browser) -> None:
    browser.sign_in("dengji")
    code = browser.code("dengji")
    with db.writer(place.engine) as session:
        session.scalars(select(User).where(User.username == "dengji")).one().disabled_at = place.now
        session.commit()
    assert place.get("dengji", "/me").status_code == 401
    assert browser.exchange(code).json()["error"] == "invalid_grant"


def test_reading_alone_keeps_a_sign_in_awake_and_leaving_it_ends_it(place: Town, browser: Browser) -> None:
    browser.sign_in("dengji")
    for _ in range(6):
        place.now += dt.timedelta(minutes=29)
        assert place.get("dengji", "/me").status_code == 200
    place.now += dt.timedelta(minutes=31)
    assert place.get("dengji", "/me").status_code == 401


def test_a_sign_in_ends_after_twelve_hours_however_busy(place: Town, browser: Browser) -> None:
    browser.sign_in("dengji")
    for _ in range(35):
        place.now += dt.timedelta(minutes=20)
        assert place.get("dengji", "/me").status_code == 200
    place.now += dt.timedelta(minutes=20)
    assert place.get("dengji", "/me").status_code == 401


def test_forged_tokens_are_refused(place: Town, browser: Browser) -> None:
    token = browser.sign_in("dengji")
    for forged in (token[:-1], token + "x", token.swapcase(), "Bearer", "dk_abc_def", "é", "a" * 5000):
        answer = place.client.get("/api/v1/me", headers={b"Authorization": f"Bearer {forged}".encode()})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), forged
    both = {"Authorization": f"Bearer {token}", "X-API-Key": "dk_abcd1234_x"}
    assert place.client.get("/api/v1/me", headers=both).status_code == 401
    assert place.client.get("/api/v1/me", headers={"Authorization": f"Basic {token}"}).status_code == 401


def test_a_temporary_password_opens_nothing_but_its_replacement(place: Town, browser: Browser) -> None:
    def temporary(*, yes: bool) -> None:
        with db.writer(place.engine) as session:
            user = session.scalars(select(User).where(User.username == "dengji")).one()
            user.password_hash, user.password_is_temporary = HASH, yes
            session.commit()

    temporary(yes=True)
    fresh = "蓝色茶壶-山路-8352-松"
    page = browser.fill_in("dengji")
    assert (page.status_code, error_of(page)) == (200, "请先把临时密码换成自己的密码")
    assert 'name="new_password_again"' in page.text
    for new, again, reason in (
        (fresh, fresh + "x", "不一致"),
        (PASSWORD, PASSWORD, "不能与原密码相同"),
        ("password12345", "password12345", "猜中"),
    ):
        page = browser.fill_in("dengji", new_password=new, new_password_again=again)
        assert reason in error_of(page)
        assert 'name="new_password_again"' in page.text
    answer = browser.fill_in("dengji", new_password=fresh, new_password_again=fresh)
    assert answer.status_code == 303
    assert browser.exchange(returned(answer)["code"]).status_code == 200
    assert error_of(browser.fill_in("dengji", PASSWORD)) == WRONG
    assert browser.sign_in("dengji", fresh)


def test_a_new_password_in_the_form_changes_nothing_when_the_old_one_is_one_s_own(browser: Browser) -> None:
    fresh = "蓝色茶壶-山路-8352-松"
    assert browser.fill_in("dengji", new_password=fresh, new_password_again=fresh).status_code == 303
    assert browser.sign_in("dengji", PASSWORD)


def test_the_journal_tells_sign_ins_and_failures_and_no_secret(place: Town, browser: Browser) -> None:
    token = browser.sign_in("dengji")
    browser.fill_in("dengji", "wrong-secret-password")
    browser.fill_in("my-password-in-the-wrong-field", "x")
    browser.client.post("/oauth/revoke", data={"token": token})
    with db.reader(place.engine) as session:
        rows = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
        stored = [session.scalars(select(AccessToken.digest)).all(), session.scalars(select(SignInCode.digest)).all()]
    assert [(row.act, row.actor, row.data) for row in rows] == [
        ("signed_in", "dengji", {}),
        ("sign_in_failed", "unknown", {"username": "dengji"}),
        ("sign_in_failed", "unknown", {}),
        ("signed_out", "dengji", {}),
    ]
    assert token not in str(stored)


def test_nothing_typed_into_the_form_is_a_server_error(browser: Browser) -> None:
    for text in (
        "\x00",
        "a\x00b",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        "名" * 5000,
        "'; --",
        "%",
    ):
        assert browser.fill_in(text, text, new_password=text).status_code in {403, 422, 429}
        assert browser.exchange(text, code_verifier=text).status_code in {400, 422}
    answer = browser.client.post("/oauth/authorize", content=b"username=%ff%fe&%00=%00", headers=FORM)
    assert answer.status_code in {400, 422}
    large = browser.client.post("/oauth/token", content=b"code=" + b"x" * (2 << 20), headers=FORM)
    assert large.status_code == 413
