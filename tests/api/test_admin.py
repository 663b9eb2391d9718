"""Administration over HTTP: three separated duties, each in its own part of the tree."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from app import db
from app.deps import Reading, allow, anybody
from app.domain.terms import Role
from app.http.doors import Operations, doors, unguarded
from app.models import JournalEntry
from app.schemas import identity as schemas
from app.services import permissions, setup
from tests.api.signing import PASSWORD, Browser, error_of, know, returned
from tests.town import BUREAU, CITY, COUNTY, TOWNSHIP, Town, problem, town

FRESH = "蓝色茶壶-山路-8352-松"


@pytest.fixture
def hall(place: Town) -> Town:
    """The town with the city's three administrators and a county's two."""
    place.hire("xitong", CITY, Role.SYSTEM_ADMIN)
    place.hire("anquan", CITY, Role.SECURITY_ADMIN)
    place.hire("shenji", CITY, Role.AUDIT_ADMIN)
    place.hire("xian-xitong", COUNTY, Role.SYSTEM_ADMIN)
    place.hire("xian-anquan", COUNTY, Role.SECURITY_ADMIN)
    return place


def put(place: Town, who: str, path: str, body: Any, **headers: str) -> Any:
    return place.client.put(f"/api/v1{path}", json=body, headers=place.headers(who) | headers)


def user_id(place: Town, username: str) -> int:
    found = place.get("xitong", "/users", params={"q": username}).json()["items"]
    return next(int(user["id"]) for user in found if user["username"] == username)


def agency_id(place: Town, code: str) -> int:
    found = place.get("xitong", "/agencies").json()["items"]
    return next(int(agency["id"]) for agency in found if agency["code"] == code)


def new_key(place: Town, **changes: Any) -> Any:
    body = {"label": "门户网站", "agency_code": BUREAU, "role": "portal", "valid_days": 30}
    return place.post("anquan", "/api-keys", body | changes)


def test_a_person_is_made_given_a_role_and_signs_in(hall: Town) -> None:
    body = {"username": "zhangsan", "display_name": "张三", "agency_code": BUREAU}
    made = hall.post("xitong", "/users", body)
    assert made.status_code == 201
    user = made.json()
    assert (user["agency_name"], user["roles"], user["password_is_temporary"]) == ("海州市规划局", [], True)
    given = put(hall, "anquan", f"/users/{user['id']}/roles", {"roles": ["handler", "archivist"]})
    assert [role["label"] for role in given.json()["roles"]] == ["经办人", "归档员"]

    browser = Browser(hall)
    assert "临时密码" in error_of(browser.fill_in("zhangsan", user["temporary_password"]))
    answer = browser.fill_in("zhangsan", user["temporary_password"], new_password=FRESH, new_password_again=FRESH)
    hall.tokens["zhangsan"] = browser.exchange(returned(answer)["code"]).json()["access_token"]
    me = hall.get("zhangsan", "/me").json()
    assert (me["agency_code"], [role["code"] for role in me["roles"]]) == (BUREAU, ["handler", "archivist"])
    assert hall.get("xitong", f"/users/{user['id']}").json()["password_is_temporary"] is False


def test_a_role_taken_away_is_gone_with_the_next_request(hall: Town) -> None:
    assert hall.get("xian-xitong", "/users").status_code == 200
    put(hall, "anquan", f"/users/{user_id(hall, 'xian-xitong')}/roles", {"roles": []})
    assert hall.get("xian-xitong", "/users").status_code == 403
    assert hall.get("xian-xitong", "/me").json()["roles"] == []


def test_roles_that_exclude_each_other_are_refused(hall: Town) -> None:
    target = f"/users/{user_id(hall, 'jingban')}"
    for roles, reason in (
        (["system_admin", "security_admin"], "不能兼任"),
        (["audit_admin", "handler"], "不能兼任"),
        (["portal"], "只用于接口密钥"),
        (["script_reader", "handler"], "只用于接口密钥"),
        (["city_supervisor"], "市级机关"),
    ):
        refused = put(hall, "anquan", f"{target}/roles", {"roles": roles})
        assert refused.status_code == 422, roles
        assert reason in problem(refused)["detail"]
    assert [role["code"] for role in hall.get("anquan", target).json()["roles"]] == ["handler"]


def test_nobody_changes_the_own_rights(hall: Town) -> None:
    own = user_id(hall, "anquan")
    for answer in (
        put(hall, "anquan", f"/users/{own}/roles", {"roles": ["system_admin"]}),
        hall.post("anquan", f"/users/{own}/disable", None),
        hall.post("xitong", f"/users/{user_id(hall, 'xitong')}/reset-password", None),
    ):
        assert (answer.status_code, problem(answer)["code"]) == (403, "forbidden")


def test_no_administrator_becomes_another_by_resetting_a_password(hall: Town) -> None:
    for other in ("anquan", "shenji", "xian-xitong"):
        assert hall.post("xitong", f"/users/{user_id(hall, other)}/reset-password", None).status_code == 403


def test_the_last_of_an_administrators_kind_stays(hall: Town) -> None:
    only = user_id(hall, "shenji")
    for answer in (
        hall.post("anquan", f"/users/{only}/disable", None),
        put(hall, "anquan", f"/users/{only}/roles", {"roles": []}),
    ):
        assert answer.status_code == 409
        assert "最后一名" in problem(answer)["detail"]
    hall.hire("shenji2", CITY, Role.AUDIT_ADMIN)
    assert hall.post("anquan", f"/users/{only}/disable", None).status_code == 200
    assert hall.post("anquan", f"/users/{user_id(hall, 'shenji2')}/disable", None).status_code == 409


def test_a_refusal_names_the_roles_in_chinese(hall: Town) -> None:
    refused = problem(hall.get("dengji", "/users"))
    assert refused["status"] == 403
    assert refused["detail"] == "这项操作只限：系统管理员、安全管理员、审计管理员；您的角色是：登记员"
    assert [reason["code"] for reason in refused["reasons"]] == ["role_missing"]


def test_administrators_see_their_own_part_of_the_tree_only(hall: Town) -> None:
    hall.hire("zhenli", TOWNSHIP, Role.HANDLER)
    seen = hall.get("xian-xitong", "/agencies").json()
    assert [agency["code"] for agency in seen["items"]] == [COUNTY, TOWNSHIP]
    assert seen["total"] == 2
    names = [user["username"] for user in hall.get("xian-xitong", "/users").json()["items"]]
    assert names == ["xian-anquan", "xian-xitong", "zhenli"]
    assert hall.get("xian-xitong", "/users", params={"q": "dengji"}).json()["total"] == 0
    new_key(hall)
    assert hall.get("xian-anquan", "/api-keys").json()["total"] == 0


def test_what_belongs_to_another_agency_looks_like_nothing(hall: Town) -> None:
    theirs, key = user_id(hall, "dengji"), new_key(hall).json()["id"]
    missing = 2**40

    def look(user: int, agency: int, key: int) -> list[tuple[int, Any]]:
        answers = [
            hall.get("xian-xitong", f"/users/{user}"),
            hall.post("xian-xitong", f"/users/{user}/reset-password", None),
            put(hall, "xian-anquan", f"/users/{user}/roles", {"roles": ["handler"]}),
            hall.post("xian-anquan", f"/users/{user}/disable", None),
            hall.post("xian-anquan", f"/users/{user}/enable", None),
            hall.get("xian-xitong", f"/agencies/{agency}"),
            hall.post("xian-xitong", f"/agencies/{agency}/rename", {"name": "改名"}),
            put(hall, "xian-xitong", f"/agencies/{agency}/settings", {}),
            hall.post("xian-anquan", f"/api-keys/{key}/revoke", None),
        ]
        return [(answer.status_code, problem(answer) | {"request_id": ""}) for answer in answers]

    found = look(theirs, agency_id(hall, BUREAU), key)
    assert {status for status, _ in found} == {404}
    assert found == look(missing, missing, missing)
    for path, body in (
        ("/users", {"username": "wangwu", "display_name": "王五", "agency_code": BUREAU}),
        ("/agencies", {"code": "370600-X", "name": "新局", "region": "CN", "parent_code": CITY}),
    ):
        assert hall.post("xian-xitong", path, body).status_code == 404
    body = {"label": "x", "agency_code": BUREAU, "role": "portal"}
    assert hall.post("xian-anquan", "/api-keys", body).status_code == 404


def test_an_agency_is_added_renamed_and_set_up_for_itself(hall: Town) -> None:
    body = {"code": "370602-CS", "name": "城市管理局", "region": "CN-370600", "parent_code": COUNTY}
    made = hall.post("xian-xitong", "/agencies", body)
    assert (made.status_code, made.json()["level"]) == (201, 3)
    assert hall.post("xian-xitong", "/agencies", body).status_code == 409
    own = f"/agencies/{made.json()['id']}"
    assert hall.post("xian-xitong", f"{own}/rename", {"name": "综合行政执法局"}).json()["name"] == "综合行政执法局"
    changed = put(hall, "xian-xitong", f"{own}/settings", {"local_limit_workdays": 15}).json()
    assert changed["settings"]["local_limit_workdays"] == 15
    assert put(hall, "xian-xitong", f"{own}/settings", {"local_limit_workdays": 21}).status_code == 422


def test_new_limits_of_an_agency_move_its_running_cases_and_nobody_elses(hall: Town) -> None:
    hall.hire("xian-dengji", COUNTY, Role.INTAKE_CLERK)
    case, other = hall.register(), hall.register("xian-dengji", agency_code=COUNTY)
    done = hall.act("dengji", hall.register(), "withdraw", form="申请人来信撤回")
    before = hall.get("duban", f"/cases/{case['id']}").json()
    path = f"/agencies/{agency_id(hall, BUREAU)}/settings"
    hall.now += dt.timedelta(minutes=1)

    changed = put(hall, "xitong", path, {"local_limit_workdays": 10}).json()
    assert changed["recomputed"] == {"open_cases": 1, "moved": 1}
    assert changed["settings"]["local_limit_workdays"] == 10
    after = hall.get("duban", f"/cases/{case['id']}").json()
    assert (after["target_on"], after["due_on"], after["version"]) == (
        "2026-03-16",
        before["due_on"],
        before["version"],
    )
    polled = hall.get("duban", "/cases/due-soon?kind=local&within_workdays=20").json()["items"]
    assert {item["id"]: item["target_on"] for item in polled}[case["id"]] == "2026-03-16"
    entry = hall.get("duban", f"/cases/{case['id']}/timeline").json()["items"][-1]
    assert (entry["act"], entry["label"]) == ("deadline_moved", "期限随机关设置变动")
    assert entry["data"] == {"target_on": {"from": before["target_on"], "to": "2026-03-16"}, "source": "机关设置"}
    for who, untouched in (("duban", done), ("xian-dengji", other)):
        acts = [entry["act"] for entry in hall.get(who, f"/cases/{untouched['id']}/timeline").json()["items"]]
        assert "deadline_moved" not in acts

    again = put(hall, "xitong", path, {"local_limit_workdays": 10}).json()
    assert again["recomputed"] == {"open_cases": 1, "moved": 0}


def test_a_region_that_is_none_is_refused(hall: Town) -> None:
    body = {"code": "370602-CS", "name": "城市管理局", "region": "CN-37", "parent_code": CITY}
    for region in ("", "CN-", "CN-3", "CN-3706", "CN-370600-1", "US", "cn", "CN-３７", "CN\n"):
        assert hall.post("xitong", "/agencies", body | {"region": region}).status_code == 422, region
    assert hall.post("xitong", "/agencies", body).status_code == 201


def test_a_key_is_shown_once_and_ends_when_revoked_or_old(hall: Town) -> None:
    made = new_key(hall).json()
    assert made["key"].startswith(f"dk_{made['prefix']}_")
    hall.tokens["portal"] = made["key"]
    me = hall.get("portal", "/me").json()
    assert (me["name"], me["is_key"]) == (f"key:{made['prefix']}", True)
    assert made["key"] not in hall.get("anquan", "/api-keys").text
    hall.post("anquan", f"/api-keys/{made['id']}/revoke", None)
    assert hall.get("portal", "/me").status_code == 401
    assert hall.get("anquan", "/api-keys").json()["items"][0]["revoked_at"]

    hall.tokens["script"] = new_key(hall, role="script_reader", valid_days=1).json()["key"]
    assert hall.get("script", "/me").status_code == 200
    hall.now += dt.timedelta(days=1)
    assert hall.get("script", "/me").status_code == 401


def test_a_key_may_be_held_to_networks(hall: Town) -> None:
    for wrong in (["10.1.2.3/16"], ["10.1.0.0/33"], ["everywhere"], [], [""], ["10.0.0.0/8"] * 21):
        assert new_key(hall, networks=wrong).status_code == 422, wrong
    made = new_key(hall, networks=["10.1.0.0/16"]).json()
    assert made["networks"] == ["10.1.0.0/16"]
    for address, status in (("10.1.2.3", 200), ("10.2.2.3", 401)):
        answer = Browser(hall, address).client.get("/api/v1/me", headers={"X-API-Key": made["key"]})
        assert answer.status_code == status


def test_no_key_endorses_signs_supervises_or_administrates(hall: Town) -> None:
    given = {role: new_key(hall, role=role.value).status_code for role in Role}
    assert {role for role, status in given.items() if status == 201} == permissions.KEY_ROLES
    assert set(given.values()) == {201, 422}


def test_a_secret_leaves_once_and_stays_nowhere(hall: Town) -> None:
    body = {"label": "门户网站", "agency_code": BUREAU, "role": "portal"}
    retry = {"Idempotency-Key": "one"}
    first, second = (hall.post("anquan", "/api-keys", body, headers=retry).json() for _ in range(2))
    assert second == first | {"key": None}
    person = {"username": "zhangsan", "display_name": "张三", "agency_code": BUREAU}
    made, again = (hall.post("xitong", "/users", person, headers=retry).json() for _ in range(2))
    assert again == made | {"temporary_password": None}
    secret = first["key"].split("_", 2)[2]
    with db.reader(hall.engine) as session:
        for table in ("answers", "journal", "api_keys", "users"):  # `answers` is sealed besides; see test_answers
            stored = str(session.execute(text(f"SELECT * FROM {table}")).all())
            assert table == "answers" or first["prefix"] in stored or "zhangsan" in stored, f"{table} was looked at"
            assert secret not in stored
            assert made["temporary_password"] not in stored


def test_changing_the_own_password_ends_every_sign_in(hall: Town) -> None:
    know(hall, "dengji")
    Browser(hall).sign_in("dengji")
    weak = {"old_password": PASSWORD, "new_password": "password12345"}
    refused = problem(hall.post("dengji", "/me/password", weak))
    assert (refused["status"], refused["reasons"][0]["field"]) == (422, "new_password")
    good = {"old_password": PASSWORD, "new_password": FRESH}
    assert hall.post("dengji", "/me/password", good).json() == {"done": True}
    assert hall.get("dengji", "/me").status_code == 401
    assert Browser(hall).sign_in("dengji", FRESH)


def test_a_stolen_sign_in_cannot_guess_the_password(hall: Town) -> None:
    know(hall, "dengji")
    body = {"old_password": "guess", "new_password": FRESH}
    answers = [hall.post("dengji", "/me/password", body) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 2
    assert answers[-1].headers["retry-after"] == "2"
    assert "guess" not in answers[0].text


def test_a_key_has_no_password(hall: Town) -> None:
    hall.tokens["portal"] = new_key(hall).json()["key"]
    assert hall.post("portal", "/me/password", {"old_password": "a", "new_password": FRESH}).status_code == 403


def test_resetting_a_password_ends_the_sign_ins(hall: Town) -> None:
    know(hall, "dengji")
    Browser(hall).sign_in("dengji")
    given = hall.post("xitong", f"/users/{user_id(hall, 'dengji')}/reset-password", None).json()["temporary_password"]
    assert hall.get("dengji", "/me").status_code == 401
    assert "临时密码" in error_of(Browser(hall).fill_in("dengji", given))


def test_every_change_is_in_the_journal_of_the_agency_it_concerns(hall: Town) -> None:
    person = {"username": "zhangsan", "display_name": "张三", "agency_code": TOWNSHIP}
    made = hall.post("xian-xitong", "/users", person).json()
    put(hall, "xian-anquan", f"/users/{made['id']}/roles", {"roles": ["handler"]})
    hall.post("xian-anquan", f"/users/{made['id']}/disable", None)
    hall.post("xian-anquan", f"/users/{made['id']}/disable", None)
    hall.post("xian-anquan", f"/users/{made['id']}/enable", None)
    with db.reader(hall.engine) as session:
        rows = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
        acts = [(row.act, row.actor, row.data) for row in rows]
        assert {row.agency_id for row in rows} == {agency_id(hall, TOWNSHIP)}
    assert acts == [
        ("user_created", "xian-xitong", {"username": "zhangsan", "display_name": "张三"}),
        ("roles_changed", "xian-anquan", {"username": "zhangsan", "from": [], "to": ["handler"]}),
        ("user_disabled", "xian-anquan", {"username": "zhangsan"}),
        ("user_enabled", "xian-anquan", {"username": "zhangsan"}),
    ]


@pytest.fixture
def empty(served_database: str, tmp_path: Path) -> Iterator[Town]:
    """A running application that nobody has set up."""
    with town(served_database, tmp_path) as place:
        with db.writer(place.engine) as session:
            for table in ("access_tokens", "user_roles", "users", "agencies"):
                session.execute(text(f"DELETE FROM {table}"))
            session.commit()
        yield place


def test_the_first_run_ends_with_three_people_who_can_sign_in(empty: Town) -> None:
    document = empty.client.get("/openapi.json").json()
    body: dict[str, Any] = document["components"]["schemas"]["SetUp"]["examples"][0]
    assert empty.client.post("/api/v1/setup", json=body).status_code == 403
    assert error_of(Browser(empty).fill_in("nobody")) == "登录名或者密码不正确"
    with db.writer(empty.engine) as session:
        token = setup.prepare(session, empty.now)
        session.commit()
    weak = body | {"token": token, "audit_admin": body["audit_admin"] | {"password": "password12345"}}
    assert problem(empty.client.post("/api/v1/setup", json=weak))["status"] == 422
    made = empty.client.post("/api/v1/setup", json=body | {"token": token})
    assert (made.status_code, made.json()["level"]) == (201, 1)
    assert empty.client.post("/api/v1/setup", json=body | {"token": token}).status_code == 403
    for kind in ("system_admin", "security_admin", "audit_admin"):
        Browser(empty).enrol(body[kind]["username"], body[kind]["password"])
        assert [role["code"] for role in empty.get(body[kind]["username"], "/me").json()["roles"]] == [kind]


def test_an_endpoint_whose_caller_nobody_judges_is_found_before_anybody_calls_it() -> None:
    inner = Operations(prefix="/inner")

    @inner.get("/undeclared")
    def undeclared() -> None: ...

    @inner.get("/without-desk", **allow(Role.HANDLER))
    def without_desk() -> None: ...

    @inner.get("/judged", **allow())
    def judged(_desk: Reading) -> None: ...

    @inner.get("/for-all", **anybody())
    def for_all() -> None: ...

    assert unguarded(doors(inner)) == ["undeclared", "without_desk"]


def test_the_document_speaks_chinese_and_its_examples_are_valid(hall: Town) -> None:
    document = hall.client.get("/openapi.json").json()
    found = [
        operation
        for operations in document["paths"].values()
        for operation in operations.values()
        if {"admin", "sign_in"} & set(operation["tags"])
    ]
    assert found
    for operation in found:
        assert "一" <= operation["summary"][0] <= "鿿"
        assert operation["operationId"].isascii()
        assert operation["description"]
    described = document["components"]["schemas"]
    for model in (schemas.NewAgency, schemas.NewUser, schemas.RoleSet, schemas.NewPassword, schemas.NewKey):
        fields = described[model.__name__]["properties"].items()
        model.model_validate({name: field["examples"][0] for name, field in fields})
    schemas.SetUp.model_validate(described["SetUp"]["examples"][0])
