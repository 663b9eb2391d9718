"""Archiving over HTTP: the volume, its index, its retention, and a case that nobody can change any more."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from app import db
from app.cli import commands
from app.domain.terms import Role
from app.models import Agency, Base, JournalEntry
from tests.town import BUREAU, CITY, COUNTY, Town, problem
from tests.volumes import attach, delivered, in_hand


def archived(place: Town, **body: Any) -> dict[str, Any]:
    case = delivered(place, in_hand(place))
    return place.act("guidang", case, "archive", volume_no="2026-YSQ-0001", **body)


def test_before_it_is_archived_a_case_has_no_volume(place: Town) -> None:
    case = in_hand(place)
    for path in ("archive", "archive/index"):
        refused = place.get("guidang", f"/cases/{case['id']}/{path}")
        assert (refused.status_code, problem(refused)["reasons"][0]["code"]) == (409, "not_archived")


def test_the_volume_is_the_same_bytes_whatever_happens_later(place: Town) -> None:
    case = archived(place)
    path = f"/cases/{case['id']}/archive"
    with db.writer(place.engine) as session:
        agency = session.scalars(select(Agency).where(Agency.code == BUREAU)).one()
        agency.settings = agency.settings | {"legal_review_required": True, "local_limit_workdays": 5}
        session.commit()
    place.go_to("2027-03-02")
    first = place.get("guidang", path)
    assert first.headers["content-type"] == "application/zip"
    assert "%E6%A1%88%E5%8D%B7" in first.headers["content-disposition"]
    assert first.headers["etag"] == f'"{hashlib.sha256(first.content).hexdigest()}"'
    with db.writer(place.engine) as session:
        agency = session.scalars(select(Agency).where(Agency.code == BUREAU)).one()
        agency.name = "改了名的机关"
        session.commit()
    place.go_to("2036-03-02")
    assert place.get("duban", path).content == first.content
    index = place.get("duban", f"{path}/index").json()
    assert index["package_sha256"] == hashlib.sha256(first.content).hexdigest()
    with zipfile.ZipFile(io.BytesIO(first.content)) as volume:
        assert {file["path"] for file in index["files"]} | {"manifest.json"} == set(volume.namelist())
        assert json.loads(volume.read("clock.json"))["as_of"] == "2026-03-02"
        assert json.loads(volume.read("case.json"))["application"]["applicant"]["name"] == "张三"
    with db.reader(place.engine) as session:
        acts = [entry.act for entry in session.query(JournalEntry).order_by(JournalEntry.id)]
    assert acts[-4:] == ["volume_sealed", "volume_built", "volume_read", "volume_read"]


def test_only_keepers_of_the_agency_get_a_volume(place: Town) -> None:
    place.hire("stranger", COUNTY, Role.ARCHIVIST)
    place.hire("city", CITY, Role.CITY_SUPERVISOR)
    case = archived(place)
    path = f"/cases/{case['id']}/archive"
    answers = {who: place.get(who, path).status_code for who in ("guidang", "duban", "city", "jingban", "stranger")}
    assert answers == {"guidang": 200, "duban": 200, "city": 403, "jingban": 403, "stranger": 404}


@pytest.mark.parametrize(
    ("setting", "given", "kept", "label"),
    [
        (10, {}, 10, "10年"),
        (30, {}, 30, "30年"),
        (None, {}, None, "永久"),
        (None, {"retention_years": 30}, 30, "30年"),
        (10, {"retention_years": "permanent"}, None, "永久"),
    ],
)
def test_a_case_is_kept_as_long_as_the_archivist_or_else_the_agency_says(
    place: Town, setting: int | None, given: dict[str, Any], kept: int | None, label: str
) -> None:
    with db.writer(place.engine) as session:
        agency = session.scalars(select(Agency).where(Agency.code == BUREAU)).one()
        agency.settings = agency.settings | {"retention_years": setting}
        session.commit()
    case = archived(place, **given)
    assert place.get("guidang", f"/cases/{case['id']}").json()["retention_years"] == kept
    index = place.get("guidang", f"/cases/{case['id']}/archive/index").json()
    assert (index["retention"], index["expires_on"]) == (label, f"{2026 + kept}-12-31" if kept else None)


def test_volumes_whose_retention_has_run_out_are_listed_and_kept(place: Town) -> None:
    ten, thirty, _ever = (archived(place, retention_years=years)["case_no"] for years in (10, 30, "permanent"))
    listed = {}
    for day in ("2036-12-31", "2037-01-01", "2057-01-01"):
        place.go_to(day)
        answer = place.get("guidang", "/archive/expired").json()
        listed[day] = [item["case_no"] for item in answer["items"]]
        assert answer["total"] == len(listed[day])
    assert listed == {"2036-12-31": [], "2037-01-01": [ten], "2057-01-01": [ten, thirty]}
    place.hire("stranger", COUNTY, Role.ARCHIVIST)
    assert place.get("stranger", "/archive/expired").json()["items"] == []


def _example(schema: dict[str, Any], parts: dict[str, Any]) -> Any:
    """Make a value of a schema from the examples it shows."""
    if "$ref" in schema:
        return _example(parts[schema["$ref"].rpartition("/")[2]], parts)
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        wanted = schema.get("required", ())
        return {
            name: _example(part, parts)
            for name, part in schema.get("properties", {}).items()
            if name in wanted or part.get("examples", [None])[0] is not None
        }
    if schema.get("type") == "array":
        return [_example(schema["items"], parts)]
    return {"integer": 1, "boolean": True}.get(schema.get("type", ""), "文字")


def _content(place: Town, case_id: int) -> dict[str, list[Any]]:
    """Read every row of the case in every table, the journal of looking aside."""
    found = {}
    with db.reader(place.engine) as session:
        for table in Base.metadata.sorted_tables:
            key = "id" if table.name == "cases" else "case_id"
            if key in table.c:
                rows = session.execute(select(table).where(table.c[key] == case_id)).all()
                found[table.name] = sorted(map(repr, rows))
    return found


BESIDE_THE_ARCHIVE = (
    *("/reveal", "/legal-hold", "/legal-hold/lift", "/messages/read"),
    *("/cases/{case_id}/remedies", "/underlying-problems"),
)
"""What an archived case still takes: who has seen it, how long it stays, what is filed against it, what comes of it."""


def test_an_archived_case_refuses_every_write_there_is(place: Town) -> None:
    case = in_hand(place)
    file = attach(place, case, "a.txt", b"text")
    place.act("jingban", case, "ask_assistance", agency_code=COUNTY, question="是否制作", answer_by="2026-03-10")
    case = delivered(place, case)
    place.act("guidang", case, "archive", volume_no="2026-1")
    place.hire("everybody", BUREAU, *(role for role in Role))
    before = _content(place, case["id"])
    document = place.client.app.openapi()  # type: ignore[attr-defined]  # the application behind the client
    parts, tried = document["components"]["schemas"], []
    for path, operations in document["paths"].items():
        for method in operations.keys() & {"post", "put", "patch", "delete"}:
            if "{case_id}" not in path or path.endswith(BESIDE_THE_ARCHIVE):
                continue
            address = path.format(case_id=case["id"], attachment_id=file["id"], document_id=1)
            bodies = operations[method].get("requestBody", {}).get("content", {})
            given: dict[str, Any] = {}
            if "application/json" in bodies:
                given["json"] = _example(bodies["application/json"]["schema"], parts)
            elif bodies:
                given |= {"data": {"kind": "evidence"}, "files": {"file": ("b.txt", b"text")}}
            if path.endswith("/clock/corrections"):
                given["json"] = {"received_on": "2026-03-01", "reason": "记错"}
            answer = place.client.request(method.upper(), address, headers=place.headers("everybody"), **given)
            printing = path.endswith("/receipt")  # it changes nothing and is refused for its wrong code
            assert answer.status_code == (403 if printing else 409), f"{method} {path}: {answer.text}"
            tried.append(path)
    assert len(tried) > 40
    place.hire("asked", COUNTY, Role.HANDLER)
    [question] = place.get("asked", "/assistance").json()["items"]
    assert place.post("asked", f"/assistance/{question['id']}/answer", {"answer": "是"}).status_code == 409
    assert _content(place, case["id"]) == before


def test_verify_says_in_chinese_what_is_wrong_and_where(place: Town, tmp_path: Path) -> None:
    case = archived(place)
    content = place.get("guidang", f"/cases/{case['id']}/archive").content
    sound, damaged = tmp_path / "sound.zip", tmp_path / "damaged.zip"
    sound.write_bytes(content)
    damaged.write_bytes(content.replace("张三".encode(), "李四".encode()))
    told = CliRunner().invoke(commands, ["verify", str(sound)])
    assert (told.exit_code, told.output) == (0, f"{sound}：通过\n")
    told = CliRunner().invoke(commands, ["verify", str(sound), str(damaged), str(tmp_path / "none.zip"), "--json"])
    assert told.exit_code == 1
    results = json.loads(told.output)
    assert [result["ok"] for result in results] == [True, False, False]
    assert {"case.json", "index.html"} <= {found["path"] for found in results[1]["findings"]}
    assert all(found["message"] and found["quality_label"] for found in results[1]["findings"])
