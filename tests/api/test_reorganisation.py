"""机构改革: agencies are merged, renamed and moved, and no case is lost or counted twice."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import db
from app.domain.terms import Role
from app.models import Agency, Case, User
from tests.people import people
from tests.town import BUREAU, CITY, CONCLUSION, COUNTY, TOWNSHIP, Town, problem, town

PEOPLE = people(6, seed=5)
BASIS = "海编〔2026〕8号"


@pytest.fixture
def place(served_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(served_database, tmp_path) as opened:
        opened.hire("xitong", CITY, Role.SYSTEM_ADMIN)
        opened.hire("shiduban", CITY, Role.CITY_SUPERVISOR)
        opened.hire("qu-dengji", COUNTY, Role.INTAKE_CLERK)
        opened.hire("qu-jingban", COUNTY, Role.HANDLER)
        opened.hire("qu-guidang", COUNTY, Role.ARCHIVIST)
        yield opened


def ids(place: Town) -> dict[str, int]:
    with db.reader(place.engine) as session:
        return {agency.code: agency.id for agency in session.scalars(select(Agency))}


def merge(place: Town, code: str, into: str, **more: Any) -> Any:
    return place.post("xitong", f"/agencies/{ids(place)[code]}/merge", {"into_code": into, "basis": BASIS, **more})


def move(place: Town, code: str, under: str) -> Any:
    return place.post("xitong", f"/agencies/{ids(place)[code]}/move", {"parent_code": under, "basis": BASIS})


def at_every_stage(place: Town) -> list[dict[str, Any]]:
    """Cases of the bureau: registered, in review, being handled, signed, delivered, archived."""
    cases = [place.register(applicant=person.applicant()) for person in PEOPLE]
    for case in cases[1:]:
        place.act("dengji", case, "accept")
    for case in cases[2:]:
        place.act("dengji", case, "assign", handler="jingban", opinion="交办")
    for case in cases[3:]:
        place.act("jingban", case, "submit", conclusions=[CONCLUSION])
        place.act("shenhe", case, "endorse", opinion="同意")
        place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
        place.act("lingdao", case, "sign", opinion="同意")
    for case in cases[4:]:
        place.act("jingban", case, "deliver", method="post", carrier="中国邮政", tracking_no="XA1")
        place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="妥投", receiver="本人")
    place.act("guidang", cases[5], "archive", volume_no="V-1")
    return cases


def whole(place: Town, who: str) -> dict[int, dict[str, Any]]:
    page = place.get(who, "/cases", params={"size": 100})
    assert page.status_code == 200, page.text
    page = page.json()
    assert page["total"] == len(page["items"])
    return {item["id"]: item for item in page["items"]}


def test_a_merger_hands_every_open_case_over_and_loses_doubles_and_renumbers_none(place: Town) -> None:
    cases = at_every_stage(place)
    own = place.register("qu-dengji", agency_code=COUNTY)
    before = whole(place, "shiduban")
    assert whole(place, "qu-dengji").keys() == {own["id"]}
    merged = merge(place, BUREAU, COUNTY)
    assert merged.status_code == 200, merged.text
    told = merged.json()
    assert (told["cases"], told["archived"], told["people"]) == (5, 1, 7)
    assert (told["agency"]["closed_at"] is not None, told["agency"]["successor_id"]) == (True, told["successor"]["id"])

    after = whole(place, "shiduban")
    assert after.keys() == before.keys()
    assert {i: case["case_no"] for i, case in after.items()} == {i: case["case_no"] for i, case in before.items()}
    assert {i: case["state"] for i, case in after.items()} == {i: case["state"] for i, case in before.items()}
    assert Counter(case["agency_code"] for case in after.values()) == {COUNTY: 6, BUREAU: 1}

    # The successor sees all of it, the archived one too, with its history and its numbers.
    assert whole(place, "qu-dengji").keys() == before.keys()
    archived = place.get("qu-dengji", f"/cases/{cases[5]['id']}").json()
    assert archived["agency_code"] == BUREAU
    signed = place.get("qu-dengji", f"/cases/{cases[3]['id']}").json()
    assert (
        signed["reply"]["document_no"]
        == place.get("jingban", f"/cases/{cases[3]['id']}").json()["reply"]["document_no"]
    )
    acts = place.get("qu-dengji", f"/cases/{cases[1]['id']}/timeline").json()["items"]
    assert [entry["act"] for entry in acts] == ["register", "accept", "taken_over"]
    assert acts[-1]["data"] == {"from": BUREAU, "to": COUNTY, "basis": BASIS}
    assert place.get("qu-guidang", f"/cases/{cases[5]['id']}/archive").status_code == 200
    with db.reader(place.engine) as session:
        taken = {case.id: case.taken_from_id for case in session.scalars(select(Case))}
    bureau = ids(place)[BUREAU]
    assert taken == {case["id"]: bureau for case in cases[:5]} | {cases[5]["id"]: None, own["id"]: None}

    # Work goes on, by the people who came along and by the successor's own.
    place.act("jingban", cases[2], "record_contact", way="phone", gist="告知承接机关")
    place.act("dengji", cases[1], "assign", handler="qu-jingban", opinion="交办")
    place.act("dengji", cases[0], "accept")
    place.act("qu-guidang", cases[4], "archive", volume_no="V-2")
    numbered = place.register(channel="internet", external_no="LATE-1")  # the portal still names the old agency
    assert (numbered["agency_code"], numbered["case_no"].startswith(COUNTY)) == (COUNTY, True)


def test_people_and_keys_go_along_or_are_closed(place: Town) -> None:
    place.issue_key("脚本", BUREAU, Role.SCRIPT_READER)
    case = place.register()
    closed = merge(place, BUREAU, COUNTY, people="close", keys="close").json()
    assert (closed["people"], closed["keys"]) == (7, 1)
    assert place.get("dengji", "/me").status_code == 401
    assert place.get("脚本", "/cases").status_code == 401
    assert place.get("qu-dengji", f"/cases/{case['id']}").status_code == 200
    with db.reader(place.engine) as session:
        assert all(
            user.disabled_at for user in session.scalars(select(User).where(User.agency_id == ids(place)[BUREAU]))
        )


def test_mergers_follow_one_another_and_the_tree_stays_whole(place: Town) -> None:
    first = place.register()
    assert merge(place, BUREAU, COUNTY).status_code == 200
    second = place.register("qu-dengji", agency_code=COUNTY)
    place.hire("zhen-dengji", TOWNSHIP, Role.INTAKE_CLERK)
    assert problem(merge(place, COUNTY, TOWNSHIP))["reasons"][0]["field"] == "into_code"  # it is below
    assert move(place, TOWNSHIP, CITY).status_code == 200
    assert merge(place, COUNTY, TOWNSHIP).status_code == 200
    assert {first["id"], second["id"]} <= whole(place, "zhen-dengji").keys()
    with db.reader(place.engine) as session:
        agencies = {agency.code: agency for agency in session.scalars(select(Agency))}
        town_id = agencies[TOWNSHIP].id
        assert {agencies[code].successor_id for code in (BUREAU, COUNTY)} == {town_id}
        assert set(agencies[TOWNSHIP].predecessors) == {agencies[BUREAU].id, agencies[COUNTY].id}
        for agency in agencies.values():  # every path is the parent's with the own id
            above = next((one.path for one in agencies.values() if one.id == agency.parent_id), "/")
            assert agency.path == f"{above}{agency.id}/"
        assert (
            session.get_one(Case, first["id"]).taken_from_id == agencies[BUREAU].id
        )  # the first one it was taken from


def test_a_moved_agency_is_seen_by_whom_it_is_under_now(place: Town) -> None:
    case = place.register()
    place.hire("qu-duban", COUNTY, Role.AGENCY_SUPERVISOR)
    assert case["id"] not in whole(place, "qu-duban")
    moved = move(place, BUREAU, COUNTY)
    assert (moved.status_code, moved.json()["level"]) == (200, 3)
    assert case["id"] in whole(place, "qu-duban")
    assert case["id"] in whole(place, "dengji")
    assert move(place, BUREAU, COUNTY).status_code == 409
    assert problem(move(place, COUNTY, BUREAU))["reasons"][0]["field"] == "parent_code"
    assert move(place, CITY, COUNTY).status_code == 422


def test_a_closed_agency_takes_nothing_new(place: Town) -> None:
    assert merge(place, BUREAU, COUNTY).status_code == 200
    closed = ids(place)[BUREAU]
    refusals = [
        merge(place, BUREAU, CITY),
        merge(place, TOWNSHIP, BUREAU),
        move(place, TOWNSHIP, BUREAU),
        place.post("xitong", f"/agencies/{closed}/rename", {"name": "新名称"}),
        place.post("xitong", "/users", {"username": "neu", "display_name": "新", "agency_code": BUREAU}),
        place.post("xitong", "/agencies", {"code": "x1", "name": "新", "region": "CN", "parent_code": BUREAU}),
    ]
    assert [answer.status_code for answer in refusals] == [409] * len(refusals), [one.text for one in refusals]
    assert problem(merge(place, CITY, COUNTY))["status"] in {409, 422}


def test_nobody_reorganises_what_is_not_below_him(place: Town) -> None:
    place.hire("qu-xitong", COUNTY, Role.SYSTEM_ADMIN)
    known = ids(place)
    body = {"into_code": COUNTY, "basis": BASIS}
    outside = place.post("qu-xitong", f"/agencies/{known[BUREAU]}/merge", body)
    missing = place.post("qu-xitong", "/agencies/999999/merge", body)
    assert (outside.status_code, outside.json()["detail"]) == (404, missing.json()["detail"])
    into = place.post("qu-xitong", f"/agencies/{known[TOWNSHIP]}/merge", {"into_code": BUREAU, "basis": BASIS})
    assert into.status_code == 404
    assert place.post("duban", f"/agencies/{known[BUREAU]}/merge", body).status_code == 403


REPORT = "/statistics/annual-report"


def report(place: Town, who: str, agency: str, scope: str = "own", year: int = 2026) -> Any:
    answer = place.get(who, REPORT, params={"agency": agency, "year": year, "scope": scope})
    assert answer.status_code == 200, answer.text
    return answer.json()


def counted(found: Any) -> dict[str, int]:
    """What a report says came in, went out and stayed, and the verdict on its own sums."""
    assert [check["id"] for check in found["checks"] if not check["ok"]] == []
    rows = ("new_received", "carried_over", "result_total", "carried_forward")
    return {row: found["table3"][row]["total"] for row in rows}


def test_the_successors_report_counts_what_it_took_over_once_and_so_does_the_citys(place: Town) -> None:
    place.hire("quduban", COUNTY, Role.AGENCY_SUPERVISOR)
    place.hire("zhen-dengji", TOWNSHIP, Role.INTAKE_CLERK)
    at_every_stage(place)
    place.register("qu-dengji", agency_code=COUNTY)
    place.register("zhen-dengji", agency_code=TOWNSHIP)
    whole_city = counted(report(place, "shiduban", CITY, "subtree"))
    assert whole_city == {"new_received": 8, "carried_over": 0, "result_total": 2, "carried_forward": 6}
    assert move(place, TOWNSHIP, CITY).status_code == 200
    assert counted(report(place, "shiduban", CITY, "subtree")) == whole_city
    assert merge(place, BUREAU, COUNTY).status_code == 200
    renamed = {"name": "海东区自然资源和规划局"}
    assert place.post("xitong", f"/agencies/{ids(place)[COUNTY]}/rename", renamed).status_code == 200

    own = {"new_received": 7, "carried_over": 0, "result_total": 2, "carried_forward": 5}
    for who in ("quduban", "qu-jingban", "jingban"):  # the archived case too, though it stays with the bureau
        assert counted(report(place, who, COUNTY)) == own
    assert counted(report(place, "quduban", COUNTY, "subtree")) == own
    assert counted(report(place, "shiduban", CITY, "subtree")) == whole_city
    cell = {"agency": COUNTY, "year": 2026, "table": 3, "row": "new_received", "column": "total"}
    listed = place.get("qu-jingban", f"{REPORT}/cases", params=cell).json()
    assert (listed["total"], len({item["id"] for item in listed["items"]})) == (7, 7)

    place.go_to("2027-01-05")  # what was open at the turn of the year is carried over, once
    assert counted(report(place, "quduban", COUNTY, year=2027))["carried_over"] == 5
    assert merge(place, COUNTY, TOWNSHIP).status_code == 200
    zhen = counted(report(place, "zhen-dengji", TOWNSHIP))
    assert zhen == {"new_received": 8, "carried_over": 0, "result_total": 2, "carried_forward": 6}
    assert counted(report(place, "shiduban", CITY, "subtree")) == whole_city


def test_what_was_reported_before_a_merger_still_adds_up_after_it(place: Town) -> None:
    """C5 holds a year against the one before, C8 a city against its parts: both know who was separate when."""
    place.hire("quduban", COUNTY, Role.AGENCY_SUPERVISOR)
    at_every_stage(place)
    place.register("qu-dengji", agency_code=COUNTY)
    place.go_to("2027-01-05")
    for code in (BUREAU, COUNTY):
        kept = place.post("shiduban", f"{REPORT}/snapshots", {"agency_code": code, "year": 2026})
        assert kept.status_code == 201, kept.text
    place.go_to("2027-01-06")
    assert merge(place, BUREAU, COUNTY).status_code == 200
    after = report(place, "quduban", COUNTY, year=2027)
    assert counted(after)["carried_over"] == 5
    assert "C5" in {check["id"] for check in after["checks"]}
    city = report(place, "shiduban", CITY, "subtree")
    assert counted(city)["new_received"] == 7
    place.go_to("2027-01-07")
    again = place.post("quduban", f"{REPORT}/snapshots", {"agency_code": COUNTY, "year": 2026})
    assert again.json()["table3"]["new_received"]["total"] == 7
    assert counted(report(place, "shiduban", CITY, "subtree"))["new_received"] == 7


def test_duties_go_to_the_successor_with_the_cases(place: Town) -> None:
    demand = {"agency_code": BUREAU, "demand": "请报送整改情况", "answer_by": "2026-04-01"}
    issued = place.post("shiduban", "/supervisions", demand).json()
    entry = {"agency_code": BUREAU, "source": "bulletin", "title": "超期答复", "rectify_by": "2026-04-01"}
    found = place.post("shiduban", "/problems", entry).json()
    assert merge(place, BUREAU, COUNTY).status_code == 200
    answered = place.post("qu-jingban", f"/supervisions/{issued['id']}/answer", {"answer": "已办"})
    assert (answered.status_code, answered.json()["demand"]) == (200, demand["demand"])
    done = place.post("qu-jingban", f"/problems/{found['id']}/rectify", {"status": "done", "measures": "已提醒"})
    assert (done.status_code, done.json()["title"]) == (200, entry["title"])
