"""What people write beside the procedure of a case, with somebody's particulars in every text."""

from typing import Any

from app.domain.terms import Role
from tests.ledgers import as_csv, row, send
from tests.people import Planted
from tests.town import BUREAU, CITY, Town


def write_beside(place: Town, case: dict[str, Any], who: Planted) -> None:
    """Let a whole office write about a case and about nothing in particular; every text names the person."""
    words = f"{who.name}（{who.id_number}，{who.phone}，{who.email}）住{who.address}"
    numbers = f"身份证{who.id_number}，电话{who.phone}，邮箱{who.email}"  # all that can be known where there is no case
    case_id = case["id"]
    place.hire("shi-duban", CITY, Role.CITY_SUPERVISOR)

    def post(by: str, path: str, **body: Any) -> Any:
        answer = place.post(by, path, body)
        assert answer.status_code in {200, 201}, (path, answer.text)
        return answer.json()

    abouts: tuple[dict[str, Any], ...] = ({"case_id": case_id}, {"agency_code": BUREAU})
    for about in abouts:
        text = words if "case_id" in about else numbers
        issued = post("shi-duban", "/supervisions", **about, mark="red", demand=text, answer_by="2026-12-31")
        post("jingban", f"/supervisions/{issued['id']}/answer", answer=text)
        back: dict[str, Any] = {"accepted": False, "opinion": text, "answer_by": "2026-12-31"}
        post("shi-duban", f"/supervisions/{issued['id']}/close", **back)
        entry: dict[str, Any] = {"agency_code": BUREAU, "source": "bulletin", "rectify_by": "2026-12-31"} | about
        found = post("shi-duban", "/problems", **entry, title=text, detail=text)
        post("jingban", f"/problems/{found['id']}/rectify", status="in_progress", measures=text)
    tagged = post("jingban", f"/cases/{case_id}/underlying-problems", problem="land", note=words)
    post("jingban", f"/underlying-problems/{tagged['id']}/follow-up", status="solved", follow_up=words)
    opened = post("jingban", "/evaluations", source="frequency", case_id=case_id)
    post("lingdao", f"/evaluations/{opened['id']}/decide", attribute="withhold", reason=numbers, basis="条例第15条")
    post("jingban", "/worklist/filters", name=f"{who.name}的件{who.phone}", query={"view": "mine", "q": who.name})
    snapshot: dict[str, Any] = {"agency_code": BUREAU, "year": 2025, "note": numbers}
    post("duban", "/statistics/annual-report/snapshots", **snapshot)
    sent = send(
        place, as_csv([row(申请人=who.name, 证件号码=who.id_number, 联系电话=who.phone)]), f"台账{who.phone}.csv"
    )
    assert sent.status_code == 201, sent.text
    filing: dict[str, Any] = {
        "kind": "reconsideration",
        "authority": "海州市人民政府",
        "filed_on": "2026-03-02",
        "grounds": words,
    }
    parties = [{"role": "claimant", "name": who.name, "phone": who.phone}]
    remedy = post("dengji", f"/cases/{case_id}/remedies", **filing, parties=parties)
    paper: dict[str, Any] = {"kind": "answer", "title": words[:60], "on": "2026-03-02"}
    filed = post("jingban", f"/remedies/{remedy['id']}/papers", **paper)
    attached = place.client.post(
        f"/api/v1/remedies/{remedy['id']}/papers/{filed['papers'][0]['id']}/file",
        files={"file": (f"{who.name}{who.phone}.txt", words.encode(), "text/plain")},
        headers=place.headers("jingban"),
    )
    assert attached.status_code == 201, attached.text
