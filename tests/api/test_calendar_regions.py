"""Regions with holidays of their own: their notices over HTTP, their agencies' limits, and what is missing marked so."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import db
from app.domain.terms import Role
from app.models import Agency
from app.services import agencies
from tests.town import CITY, Town

NOTICES = sorted((Path(__file__).parents[2] / "docs" / "calendars").glob("*.json"))


def shipped(name: str) -> dict[str, Any]:
    (path,) = [path for path in NOTICES if path.stem == name]
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


@pytest.fixture
def place(place: Town) -> Town:
    place.hire("xitong", CITY, Role.SYSTEM_ADMIN)
    with db.writer(place.engine) as session:
        for code, name, region in (
            ("532300", "楚雄彝族自治州人民政府", "CN-532300"),
            ("532301", "楚雄市人民政府", "CN-532301"),
            ("450000", "广西壮族自治区人民政府", "CN-45"),
            ("450100", "南宁市人民政府", "CN-450100"),
        ):
            found(session, code, name, region)
        session.commit()
    for code in ("532300", "532301", "450000", "450100"):
        place.hire(f"dengji{code}", code, Role.INTAKE_CLERK)
        place.hire(f"duban{code}", code, Role.AGENCY_SUPERVISOR)
    return place


def found(session: Session, code: str, name: str, region: str) -> None:
    root = session.query(Agency).filter_by(code=CITY).one()
    settings = {"local_limit_workdays": 15}
    agencies.plant(
        session, Agency(code=code, name=name, region=region, settings=settings, parent_id=root.id), root.path
    )


def bring_in(place: Town, notice: dict[str, Any]) -> dict[str, Any]:
    answer = place.post("xitong", "/calendar/notices", notice)
    assert answer.status_code == 201, answer.text
    done: dict[str, Any] = answer.json()
    return done


def register(place: Town, code: str, on: str) -> dict[str, Any]:
    place.go_to(on)
    return place.register(f"dengji{code}", agency_code=code, submitted_at=f"{on}T09:00:00+08:00")


def shown(place: Town, case: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = place.get(f"duban{case['case_no'][:6]}", f"/cases/{case['id']}").json()
    return answer


@pytest.mark.parametrize("path", NOTICES, ids=lambda path: path.stem)
def test_every_shipped_notice_can_be_imported(place: Town, path: Path) -> None:
    notice = json.loads(path.read_text("utf-8"))
    assert path.stem == f"{notice['region']}-{notice['year']}"
    done = bring_in(place, notice)
    changed = {day["on"] for day in done["changed_days"]}
    assert changed
    assert changed <= {day["date"] for day in notice["off"]} | set(notice["work"])


def test_e24_a_torch_festival_moves_the_limits_of_chuxiong_only(place: Town) -> None:
    case = register(place, "532300", "2025-07-01")
    elsewhere = register(place, "450000", "2025-07-01")
    assert (case["due_on"], elsewhere["due_on"]) == ("2025-07-29", "2025-07-29")
    done = bring_in(place, shipped("CN-532300-2025"))
    assert [(item["id"], item["due_on"]) for item in done["items"]] == [
        (case["id"], {"from": "2025-07-29", "to": "2025-08-01"})
    ]
    by_region = {region["region"]: region["moved"] for region in done["regions"]}
    assert by_region == {"CN-45": 0, "CN-532300": 1}
    assert (shown(place, case)["due_on"], shown(place, elsewhere)["due_on"]) == ("2025-08-01", "2025-07-29")
    lines = place.get("duban532300", f"/cases/{case['id']}/clock").json()["explanation"]
    assert {line["on"]: line["why"] for line in lines}["2025-07-16"] == "区域假日：火把节"


def test_e25_guangxi_takes_back_a_national_make_up_day_and_its_cities_follow(place: Town) -> None:
    bring_in(place, shipped("CN-45-2023"))
    province, city = register(place, "450000", "2023-04-03"), register(place, "450100", "2023-04-03")
    chuxiong = register(place, "532300", "2023-04-03")
    assert (province["due_on"], city["due_on"], chuxiong["due_on"]) == ("2023-05-06", "2023-05-06", "2023-05-04")
    params = {"from": "2023-04-23", "to": "2023-04-23"}
    (day,) = place.client.get("/api/v1/calendar/CN-450100", params=params).json()["items"]
    assert (day["workday"], day["kind"]) == (False, "regional_holiday")
    assert "全国调休上班日在本地区改为休息" in day["why"]
    (national,) = place.client.get("/api/v1/calendar/CN", params=params).json()["items"]
    assert (national["workday"], national["kind"]) == (True, "makeup_workday")


def test_a_county_of_the_prefecture_keeps_its_own_region(place: Town) -> None:
    bring_in(place, shipped("CN-532300-2025"))
    assert register(place, "532301", "2025-07-01")["due_on"] == "2025-07-29"


def test_the_preview_counts_by_an_imported_region(place: Town) -> None:
    bring_in(place, shipped("CN-532300-2025"))
    body = {"region": "CN-532300", "received_on": "2025-07-01"}
    assert place.client.post("/api/v1/clock/preview", json=body).json()["due_on"] == "2025-08-01"


def test_a_region_that_once_had_a_notice_awaits_one_each_year(place: Town) -> None:
    before = register(place, "532300", "2026-03-02")
    assert not before["provisional"]
    bring_in(place, shipped("CN-532300-2025"))
    assert shown(place, before)["provisional"]
    assert shown(place, before)["due_on"] == before["due_on"]
    params = {"from": "2024-12-31", "to": "2026-01-02"}
    items = place.client.get("/api/v1/calendar/CN-532300", params=params).json()["items"]
    provisional = {day["on"] for day in items if day["provisional"]}
    assert provisional == {"2026-01-01", "2026-01-02"}
    warnings = place.client.get("/readyz").json()["warnings"]
    assert [warning for warning in warnings if "CN-532300" in warning and "2026" in warning]

    done = bring_in(
        place,
        {
            "region": "CN-532300",
            "year": 2026,
            "source": "测试用的2026年通知",
            "off": [{"date": "2026-04-15", "name": "州庆"}, {"date": "2026-04-16", "name": "州庆"}],
            "work": [],
        },
    )
    assert {region["region"]: region["settled"] for region in done["regions"]} == {"CN-532300": 1}
    assert not shown(place, before)["provisional"]
    assert [w for w in place.client.get("/readyz").json()["warnings"] if "CN-532300" in w] == []


def test_years_before_a_regions_first_notice_are_settled(place: Town) -> None:
    bring_in(place, shipped("CN-45-2023"))
    params = {"from": "2022-12-31", "to": "2023-01-01"}
    items = place.client.get("/api/v1/calendar/CN-45", params=params).json()["items"]
    assert [(dt.date.fromisoformat(day["on"]).year, day["provisional"]) for day in items] == [
        (2022, False),
        (2023, False),
    ]
