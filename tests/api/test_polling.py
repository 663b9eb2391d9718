"""What scripts poll: overdue and due soon, with cursors and ETags."""

import datetime as dt
from typing import Any

import pytest

from app import db
from app.domain.terms import Role
from app.models import Agency
from app.services import calendars
from tests.town import BUREAU, CITY, CONCLUSION, COUNTY, Town


def overdue(place: Town, who: str = "duban", **query: Any) -> dict[str, Any]:
    answer = place.get(who, "/cases/overdue", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_case_is_overdue_from_the_day_after_its_limit(place: Town) -> None:
    case = place.register()
    place.go_to("2026-03-30")
    assert overdue(place)["items"] == []
    place.go_to("2026-03-31")
    [late] = overdue(place)["items"]
    assert (late["id"], late["due_on"], late["overdue_workdays"]) == (case["id"], "2026-03-30", 1)
    assert late["agency_code"] == BUREAU
    assert place.get("duban", f"/cases/{case['id']}").json()["left_workdays"] == -1


def test_the_local_limit_has_an_overdue_of_its_own(place: Town) -> None:
    place.register()
    place.go_to("2026-03-24")
    assert overdue(place)["items"] == []
    [late] = overdue(place, kind="local")["items"]
    assert (late["target_on"], late["overdue_workdays"]) == ("2026-03-23", 1)


def test_an_unconfirmed_application_is_an_overdue_node(place: Town) -> None:
    place.register(channel="internet")
    place.go_to("2026-03-04")
    [late] = overdue(place, kind="node")["items"]
    assert (late["next_node"], late["next_node_on"], late["overdue_workdays"]) == (
        *("receipt_confirmation", "2026-03-03", 1),
    )


def test_waiting_for_a_delivered_correction_is_nobodys_delay(place: Town) -> None:
    case = place.register()
    place.act("dengji", case, "accept")
    asked = {"unclear": "范围不明", "required": "请写明年度", "reply_within_workdays": 60}
    place.act("dengji", case, "request_correction", **asked)
    place.go_to("2026-04-07")
    assert len(overdue(place)["items"]) == 1, "a notice nobody is known to have received stops nothing"
    place.act("dengji", case, "record_correction_delivery", on="2026-03-04")
    assert overdue(place)["items"] == []
    received = place.act("dengji", case, "receive_correction", content="2025年度")
    assert received["due_on"] == "2026-05-08"


def test_an_answered_case_is_not_overdue_however_late_it_was(place: Town) -> None:
    case = place.register()
    place.go_to("2026-03-31")
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="请办理")
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    assert place.post("lingdao", f"/cases/{case['id']}/sign", {}).status_code == 409
    place.act("lingdao", case, "override", check="K01", reason="档案调阅迟延，情况说明附卷")
    place.act("lingdao", case, "sign")
    body = {"method": "post", "carrier": "中国邮政", "tracking_no": "EX1"}
    assert place.post("jingban", f"/cases/{case['id']}/deliver", body).status_code == 409
    place.act("jingban", case, "deliver", **body, late_reason="档案调阅迟延")
    assert overdue(place)["items"] == []


def test_pages_join_without_gap_or_repetition_and_keep_their_order(place: Town) -> None:
    for day in ("2026-03-03", "2026-03-02", "2026-03-03", "2026-02-27", "2026-03-02"):
        place.go_to("2026-03-03")
        place.register(submitted_at=f"{day}T09:00:00+08:00")
    place.go_to("2026-04-10")
    whole = overdue(place)
    seen: list[int] = []
    cursor = None
    while True:
        page = overdue(place, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [item["id"] for item in whole["items"]]
    assert [item["due_on"] for item in whole["items"]] == sorted(item["due_on"] for item in whole["items"])
    assert len(set(seen)) == 5


def test_a_cursor_serves_its_own_caller_and_question_only(place: Town) -> None:
    for _ in range(3):
        place.register()
    place.issue_key("脚本", CITY, Role.SCRIPT_READER)
    place.go_to("2026-04-10")
    cursor = overdue(place, limit=1)["next"]
    for who, query in (
        ("脚本", {"limit": 1}),
        ("duban", {"limit": 2}),
        ("duban", {"limit": 1, "kind": "local"}),
        ("duban", {"limit": 1, "agency": BUREAU}),
    ):
        answer = place.get(who, "/cases/overdue", params=query | {"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")
    for position in range(len(cursor)):
        altered = cursor[:position] + ("A" if cursor[position] != "A" else "B") + cursor[position + 1 :]
        assert place.get("duban", "/cases/overdue", params={"limit": 1, "cursor": altered}).status_code == 422


@pytest.mark.parametrize("path", ["/cases/overdue", "/cases/due-soon"])
def test_nothing_new_is_a_304_and_something_new_is_not(place: Town, path: str) -> None:
    case = place.register()
    place.go_to("2026-03-31" if path == "/cases/overdue" else "2026-03-27")
    first = place.get("duban", path)
    assert first.json()["items"]
    etag = first.headers["etag"]
    assert not etag.startswith("W/")
    again = place.get("duban", path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    place.act("dengji", case, "accept")
    assert place.get("duban", path, headers={"If-None-Match": etag}).status_code == 200


def test_due_soon_counts_working_days_over_the_holiday(place: Town) -> None:
    place.go_to("2026-09-18")
    case = place.register(submitted_at="2026-09-18T09:00:00+08:00")
    place.go_to("2026-09-30")
    assert place.get("duban", "/cases/due-soon?within_workdays=11").json()["items"] == []
    [soon] = place.get("duban", "/cases/due-soon?within_workdays=12").json()["items"]
    assert (soon["id"], soon["due_on"], soon["left_workdays"]) == (case["id"], "2026-10-22", 12)


def test_a_poll_names_no_person(place: Town) -> None:
    place.register()
    place.go_to("2026-04-10")
    answer = place.get("duban", "/cases/overdue")
    assert "applicant" not in answer.text
    assert "张" not in answer.text
    assert "规划" not in answer.text


def declare(place: Town, region: str, first: dt.date) -> None:
    """Give a region three days off of its own."""
    off = {first + dt.timedelta(n): "火把节" for n in range(3)}
    notice = calendars.draft_notice(region, first.year, "放假通知", off, (), now=place.now, by="test")
    notice.recomputed_at = place.now
    with db.writer(place.engine) as session:
        session.add(notice)
        session.commit()


def test_due_soon_counts_by_each_agencys_own_calendar(place: Town) -> None:
    place.go_to("2026-07-20")
    declare(place, "CN-370602", dt.date(2026, 7, 28))
    with db.writer(place.engine) as session:
        session.query(Agency).filter_by(code=COUNTY).one().region = "CN-370602"
        session.commit()
    place.hire("county", COUNTY, Role.INTAKE_CLERK)
    place.hire("city", CITY, Role.CITY_SUPERVISOR)
    cases = [
        place.register(who, agency_code=code, submitted_at="2026-07-20T09:00:00+08:00")["due_on"]
        for who, code in (("dengji", BUREAU), ("county", COUNTY))
    ]
    assert cases == ["2026-08-17", "2026-08-20"]
    for within in range(15, 25):
        found = place.get("city", "/cases/due-soon", params={"within_workdays": within}).json()["items"]
        assert len(found) == (2 if within >= 20 else 0), within


def test_a_new_calendar_is_no_304_even_if_no_date_moved(place: Town) -> None:
    place.register()
    place.go_to("2026-04-10")
    etag = place.get("duban", "/cases/overdue").headers["etag"]
    declare(place, "CN-370602", dt.date(2026, 7, 28))
    again = place.get("duban", "/cases/overdue", headers={"If-None-Match": etag})
    assert again.status_code == 200


def test_what_was_changed_since_is_asked_of_the_list(place: Town) -> None:
    cases = []
    for moment in ("2026-03-02 10:00", "2026-03-02 11:00", "2026-03-02 12:00"):
        place.go_to(moment)
        cases.append(place.register()["id"])
    place.go_to("2026-03-02 13:00")
    place.act("dengji", cases[0], "accept")

    def changed(since: str) -> list[int]:
        answer = place.get("dengji", "/cases", params={"updated_since": since, "sort": "updated_at"})
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert changed("2026-03-02T11:00:00+08:00") == [cases[1], cases[2], cases[0]]
    assert changed("2026-03-02T04:00:00Z") == [cases[2], cases[0]]
    assert changed("2026-03-02T13:00:01+08:00") == []
    assert place.get("dengji", "/cases?updated_since=2026-03-02T11:00:00").status_code == 422
