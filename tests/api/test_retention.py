"""How long personal data stay: legal holds, and erasing for good what nobody may keep any longer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import db
from app.domain.actor import Actor
from app.domain.terms import Role
from app.models import Applicant, CaseKey, DataKey, JournalEntry
from app.services import retention
from app.services.calendars import Calendars
from app.services.desk import Desk
from app.services.storage import store_of
from tests.people import dump, found_in, people
from tests.town import BUREAU, CONCLUSION, Town, problem, town

WHO, OTHER = people(2, seed=3)


@pytest.fixture
def place(served_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(served_database, tmp_path) as opened:
        yield opened


def archived(place: Town, person: Any, **more: Any) -> dict[str, Any]:
    case = place.register(applicant=person.applicant())
    place.act("dengji", case, "accept", note=f"{person.name}来电")
    place.act("dengji", case, "assign", handler="jingban", opinion="交办")
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    place.act("lingdao", case, "sign", opinion="同意")
    place.act("jingban", case, "deliver", method="post", carrier="中国邮政", tracking_no="XA00000001CN")
    place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="妥投", receiver=person.name)
    return place.act("guidang", case, "archive", volume_no=f"V-{case['id']}", **more)


def due(place: Town) -> list[tuple[int, bool]]:
    with db.reader(place.engine) as session:
        return [(found.case_id, found.held) for found in retention.candidates(desk(place, session))]


def desk(place: Town, session: Any) -> Desk:
    actor = Actor(name="cli", label="命令行", agency_id=1, agency_path="/1/", roles=frozenset({Role.SYSTEM_ADMIN}))
    return Desk(session, actor, Calendars().book(session), place.now, place.settings)


def erase(place: Town, *case_ids: int) -> list[str]:
    with db.writer(place.engine) as session:
        gone = retention.erase(desk(place, session), case_ids, "鉴〔2037〕1号")
        session.commit()
    retention.drop(store_of(place.settings), gone)
    return gone


def test_nothing_is_erased_before_the_volumes_period_ends_and_never_what_is_kept_for_ever(place: Town) -> None:
    place.settle(BUREAU, personal_data_years=1)
    ten, ever = archived(place, WHO), archived(place, OTHER, retention_years="permanent")
    for moment, expected in (("2027-03-02", []), ("2036-12-31", []), ("2037-01-01", [(ten["id"], False)])):
        place.go_to(moment)
        assert due(place) == expected
    place.settle(BUREAU, personal_data_years=12)
    assert due(place) == []
    place.go_to("2039-01-01")
    assert due(place) == [(ten["id"], False)]
    assert ever["retention_years"] is None


def test_an_erased_case_keeps_what_was_decided_and_nothing_of_whom(place: Town) -> None:
    case = archived(place, WHO)
    path = f"/cases/{case['id']}"
    assert place.get("guidang", f"{path}/archive").status_code == 200
    place.go_to("2037-01-01")
    assert [found for found, _ in due(place)] == [case["id"]]
    gone = erase(place, case["id"])
    assert due(place) == []
    assert gone, "the volume's files go with it"
    kept = [file for file in (place.settings.data_dir / "files").rglob("*") if file.is_file()]
    assert not {file.name for file in kept} & set(gone)
    whole = place.get("duban", path).json()
    assert whole["erased_at"].startswith("2037-01-01")
    assert (whole["outcome"], whole["reply"]["document_no"]) == ("grant", case["reply"]["document_no"])
    assert {whole["applicant"][name] for name in ("name", "id_number", "phone", "email", "address")} == {None}
    assert place.get("duban", f"{path}/timeline").json()["items"][-1]["data"] == {"appraisal": "鉴〔2037〕1号"}
    assert place.get("duban", "/cases", params={"q": WHO.name}).json()["items"] == []
    document = place.get("jingban", f"{path}/documents").json()["items"][0]
    refused = [
        place.get("guidang", f"{path}/archive"),
        place.get("jingban", f"{path}/documents/{document['id']}.docx"),
        place.post("jingban", f"{path}/reveal", {"fields": ["name"], "reason": "申请人来电询问"}),
    ]
    assert [problem(answer)["reasons"][0]["code"] for answer in refused] == ["erased"] * 3
    for read in ("actions", "clock", "clock/entries", "clock/page", "checks", "documents", "attachments", "assistance"):
        assert place.get("duban", f"{path}/{read}").status_code == 200, read
    with db.reader(place.engine) as session:
        assert session.get(CaseKey, case["id"]) is None
        year = select(DataKey.wrapped).where(DataKey.year == 2026)
        assert session.scalars(year).all() == [None]  # it wraps no case any more
        who = session.execute(select(Applicant.__table__)).one()._asdict()
        assert {name for name, value in who.items() if value is not None} == {"case_id", "kind", "id_type"}
        sealed = JournalEntry.__table__.c.private
        assert session.scalars(select(sealed).where(sealed.is_not(None))).first(), "its key is gone, it is not"
    assert found_in(dump(place.engine), [WHO]) == []


def test_a_legal_hold_keeps_a_case_until_it_is_lifted(place: Town) -> None:
    held, other = archived(place, WHO), archived(place, OTHER)
    path = f"/cases/{held['id']}/legal-hold"
    why = {"reason": f"{WHO.name}已提起行政诉讼"}
    placed = place.post("guidang", path, why)
    assert placed.status_code == 200, placed.text
    assert placed.json()["held_at"] is not None
    assert found_in(placed.content, [WHO]) == []
    assert place.post("guidang", path, why).status_code == 409
    place.go_to("2037-01-01")
    assert due(place) == [(held["id"], True), (other["id"], False)]
    erase(place, held["id"], other["id"])  # a hold stands against whatever list was made before it
    assert place.get("duban", f"/cases/{held['id']}").json()["erased_at"] is None
    assert place.get("duban", f"/cases/{other['id']}").json()["erased_at"] is not None
    assert place.post("guidang", f"{path}/lift", why).status_code == 403
    assert place.post("duban", f"{path}/lift", {"reason": "判决已经生效"}).json()["held_at"] is None
    assert due(place) == [(held["id"], False)]
    acts = [entry["act"] for entry in place.get("duban", f"/cases/{held['id']}/timeline").json()["items"]]
    assert acts[-2:] == ["legal_hold_placed", "legal_hold_lifted"]
