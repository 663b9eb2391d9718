"""The main job: one request from intake to archive."""

from tests.town import CONCLUSION, Town


def test_a_request_travels_from_intake_to_archive_on_the_right_days(place: Town) -> None:
    case = place.register()
    assert (case["stage"], case["state"]) == ("accept", "registered")
    assert (case["received_on"], case["due_on"], case["target_on"]) == ("2026-03-02", "2026-03-30", "2026-03-23")
    assert len(case["query_code"]) == 10

    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="交业务科室办理")
    place.go_to("2026-03-12")
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="不涉密，可以公开")
    signed = place.act("lingdao", case, "sign", opinion="同意发出")
    assert signed["reply"]["document_no"] == "依申请复〔2026〕1号"
    place.go_to("2026-03-13")
    sent = place.act("jingban", case, "deliver", method="post", carrier="中国邮政", tracking_no="EX123456789CN")
    assert (sent["stage"], sent["clock"]) == ("deliver", "stopped")
    place.go_to("2026-03-18")
    place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="EX123456789CN", on="2026-03-16")
    done = place.act("guidang", case, "archive", volume_no="2026-YSQ-0001")
    assert (done["stage"], done["state"], done["outcome"]) == ("archive", "archived", "grant")

    clock = place.get("duban", f"/cases/{case['id']}/clock").json()
    nodes = {node["node"]: (node["due_on"], node["met_on"]) for node in clock["nodes"]}
    assert nodes["statutory"] == ("2026-03-30", "2026-03-13")
    assert nodes["reconsideration"] == ("2026-05-15", None)
    assert nodes["litigation"] == ("2026-09-16", None)

    acts = [entry["act"] for entry in place.get("duban", f"/cases/{case['id']}/timeline").json()["items"]]
    assert acts == [
        *("register", "accept", "assign", "submit", "endorse", "review_secrecy"),
        *("sign", "deliver", "confirm_delivery", "archive", "volume_sealed"),
    ]
