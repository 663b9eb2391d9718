"""Documents over HTTP: issued by the steps that owe them, opened again and read, the same bytes ever after."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from app import db
from app.domain.terms import Doc, Role
from app.models import Agency, IssuedDocument, JournalEntry
from app.services import document_templates
from tests.papers import documents, fetched, pdf_text, said, squeezed, with_member, word_file
from tests.town import BUREAU, CITY, CONCLUSION, COUNTY, Town, problem

AWKWARD = "<b>&{{7*7}}{% raw %}#let x=1 $y$ *z* 𠮷𬱖"


def in_hand(place: Town, **changes: Any) -> dict[str, Any]:
    case = place.register(**changes)
    place.act("dengji", case, "accept")
    return place.act("dengji", case, "assign", handler="jingban", opinion="交业务科室办理")


def signed(place: Town, *conclusions: dict[str, Any], **changes: Any) -> dict[str, Any]:
    case = in_hand(place, **changes)
    place.act("jingban", case, "submit", conclusions=list(conclusions or [CONCLUSION]))
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="不涉密，可以公开")
    return place.act("lingdao", case, "sign", opinion="同意发出")


def set_setting(place: Town, **changes: Any) -> None:
    with db.writer(place.engine) as session:
        for agency in session.query(Agency):
            agency.settings = agency.settings | changes
        session.commit()


def test_the_receipt_is_there_with_the_registration_and_says_what_the_law_wants(place: Town) -> None:
    case = place.register(items=[{"title": AWKWARD, "document_no": "海政字〔2025〕12号"}, {"description": "图则"}])
    [receipt] = documents(place, case)
    assert (receipt["doc"], receipt["doc_label"], receipt["number"]) == ("receipt", "登记回执", 1)
    assert (receipt["made_on"], receipt["docx_sha256"], receipt["pdf_sha256"]) == ("2026-03-02", None, None)
    text = said(place, case, "receipt")
    for part in (
        *("张三：", case["case_no"], "当面提交", "收到之日：2026年3月2日", "答复到期日：2026年3月30日"),
        *(squeezed(AWKWARD), "文号：海政字〔2025〕12号", "2．图则", "0535-0000000", "海州市规划局2026年3月2日"),
        "本机关不留存",
    ):
        assert part in text
    assert case["query_code"] not in text


def test_an_application_to_be_confirmed_gets_its_receipt_with_the_confirmation(place: Town) -> None:
    case = place.register(channel="internet")
    assert documents(place, case) == []
    place.go_to("2026-03-04")
    place.act("dengji", case, "confirm_receipt")
    assert "收到之日：2026年3月4日" in said(place, case, "receipt")


def test_the_receipt_with_the_query_code_is_printed_for_whoever_knows_the_code(place: Town) -> None:
    case = place.register()
    path = f"/cases/{case['id']}/receipt"
    printed = place.post("dengji", path, {"query_code": case["query_code"]})
    assert printed.status_code == 200, printed.text
    assert f"查询码：{case['query_code']}" in pdf_text(printed.content)
    assert place.post("dengji", path, {"query_code": "A2B3C4D5E6"}).status_code == 403
    assert place.post("jingban", path, {"query_code": case["query_code"]}).status_code == 403
    with db.reader(place.engine) as session:
        assert case["query_code"] not in str(session.query(IssuedDocument).one().data)
    assert not [p for p in _files(place) if case["query_code"].encode() in p.read_bytes()]


def _files(place: Town) -> list[Path]:
    return [path for path in (place.settings.data_dir / "files").rglob("*") if path.is_file()]


def test_an_agency_without_contact_still_gives_receipts_and_nothing_else(place: Town) -> None:
    set_setting(place, contact_phone=None)
    case = in_hand(place)
    assert "海州市规划局政府信息公开工作机构" in said(place, case, "receipt")
    asked = {"unclear": "年度", "required": "补充年度", "reply_within_workdays": 10}
    refused = place.post("jingban", f"/cases/{case['id']}/request_correction", asked)
    assert (refused.status_code, problem(refused)["code"]) == (409, "action_refused")
    [reason] = problem(refused)["reasons"]
    assert (reason["kind"], reason["code"]) == ("document", "document_field_missing")
    assert reason["message"] == "补正告知书缺少“联系方式（机关设置中的工作机构电话）”"
    after = place.get("jingban", f"/cases/{case['id']}").json()
    assert (after["state"], after["version"]) == ("handling", case["version"])
    assert [row["doc"] for row in documents(place, case)] == ["receipt"]


def test_the_correction_notice_says_what_is_unclear_and_by_when(place: Town) -> None:
    case = in_hand(place)
    place.go_to("2026-03-09")
    place.act("jingban", case, "request_correction", unclear=AWKWARD, required="补充年度", reply_within_workdays=10)
    text = said(place, case, "correction")
    for part in (
        squeezed(AWKWARD),
        "补充年度",
        "10个工作日内补正",
        "第三十条",
        "视为放弃申请",
        "海州市规划局2026年3月9日",
    ):
        assert part in text
    place.act("jingban", case, "record_correction_delivery", on="2026-03-09")
    place.go_to("2026-04-01")
    place.act("jingban", case, "close_uncorrected")
    closing = said(place, case, "closing")
    for part in ("2026年3月9日，本机关告知补正", "2026年3月23日届满", "第三十条", "视为放弃申请", "60日内", "6个月内"):
        assert part in closing
    assert "本答复" not in closing


def test_the_extension_notice_names_the_old_and_the_new_date(place: Town) -> None:
    case = in_hand(place)
    place.go_to("2026-03-20")
    place.act("lingdao", case, "extend", workdays=20, reason="需调阅历年档案")
    text = said(place, case, "extension")
    for part in ("2026年3月30日前答复", "20个工作日", "2026年4月28日", "第三十三条第二款", "需调阅历年档案"):
        assert part in text


def test_the_reply_says_everything_the_law_wants(place: Town) -> None:
    second = CONCLUSION | {
        "item_no": 2,
        "kind": "unable_not_ours",
        "found": f"经审查，{AWKWARD}",
        "reason": "该信息由市自然资源局制作，不属于本机关负责公开的范围",
        "citations": ["《政府信息公开条例》第三十六条第（五）项"],
        "provision": None,
        "responsible": {"name": "海州市自然资源局", "contact": "电话 0535-1111111"},
    }
    case = signed(place, CONCLUSION, second, items=[{"title": "批复"}, {"title": "图则"}])
    text = said(place, case, "reply")
    for part in (
        *("依申请复〔2026〕1号", "张三：", "2026年3月2日，本机关收到您提交的", "当面提交", "1．批复", "2．图则"),
        *(
            "关于第1项申请内容",
            "经检索，本机关保存有该批复",
            "第三十六条第（二）项",
            "予以公开。",
            "随函提供该批复复印件1份",
        ),
        *(
            "关于第2项申请内容",
            squeezed(AWKWARD),
            "第三十六条第（五）项",
            "海州市自然资源局，联系方式：电话0535-1111111",
        ),
        *(
            "60日内向海州市人民政府申请行政复议",
            "6个月内向海州市海东区人民法院提起行政诉讼",
            "https://fy.example.gov.cn",
        ),
        "海州市规划局2026年3月2日",
    ):
        assert part in text, part
    document = documents(place, case)[-1]
    assert document["document_no"] == "依申请复〔2026〕1号"


def test_a_reply_without_a_place_to_contest_it_is_not_signed(place: Town) -> None:
    set_setting(place, reconsideration_authority=None, court=None)
    case = in_hand(place)
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="不涉密，可以公开")
    refused = place.post("lingdao", f"/cases/{case['id']}/sign", {})
    assert refused.status_code == 409
    assert "复议机关" in refused.text
    assert place.get("lingdao", f"/cases/{case['id']}").json()["reply"] is None


def test_what_was_handed_out_once_stays_the_same_bytes(place: Town) -> None:
    case = place.register()
    [receipt] = documents(place, case)
    first = fetched(place, case, receipt, "pdf")
    [fixed] = documents(place, case)
    assert fixed["pdf_sha256"] == hashlib.sha256(first).hexdigest()
    assert fixed["docx_sha256"] == hashlib.sha256(fetched(place, case, receipt, "docx")).hexdigest()
    assert fetched(place, case, receipt, "pdf", who="duban") == first
    with db.reader(place.engine) as session:
        taken = session.query(JournalEntry).filter_by(act="document_read").order_by(JournalEntry.id).all()
        assert [(row.actor, row.data["form"]) for row in taken] == [
            *(("jingban", "pdf"), ("jingban", "docx"), ("duban", "pdf")),
        ]


def test_many_first_readers_at_once_get_one_document(place: Town) -> None:
    case = place.register()
    [receipt] = documents(place, case)
    with ThreadPoolExecutor(8) as readers:
        contents = set(readers.map(lambda _n: fetched(place, case, receipt, "pdf"), range(16)))
    assert len(contents) == 1


def test_reading_a_document_does_not_move_the_case(place: Town) -> None:
    case = place.register()
    fetched(place, case, documents(place, case)[0], "pdf")
    assert place.get("jingban", f"/cases/{case['id']}").json()["version"] == case["version"]


def test_a_document_leaves_under_its_chinese_name_and_safely(place: Town) -> None:
    case = place.register()
    [receipt] = documents(place, case)
    for form, kind in (("pdf", "application/pdf"), ("docx", "wordprocessingml.document")):
        answer = place.get("jingban", receipt["links"][form].removeprefix("/api/v1"))
        shown = answer.headers["content-disposition"]
        assert shown.startswith("attachment;")
        assert unquote(shown.rpartition("UTF-8''")[2]) == f"登记回执-{case['case_no']}.{form}"
        assert kind in answer.headers["content-type"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


def test_another_agency_a_missing_and_a_foreign_document_are_the_same_404(place: Town) -> None:
    place.hire("zhen", COUNTY, Role.HANDLER)
    case, other = place.register(), place.register()
    [mine], [foreign] = documents(place, case), documents(place, other)
    for who, path in (
        ("zhen", f"/cases/{case['id']}/documents"),
        ("zhen", f"/cases/{case['id']}/documents/{mine['id']}.pdf"),
        ("jingban", f"/cases/{case['id']}/documents/{foreign['id']}.pdf"),
        ("jingban", f"/cases/{case['id']}/documents/99999.docx"),
        ("jingban", "/cases/99999/documents"),
    ):
        answer = place.get(who, path)
        assert (answer.status_code, problem(answer)["code"]) == (404, "not_found"), path
    for path in ("/1_0.pdf", "/01.pdf", "/x.pdf", "/1.odt"):
        assert place.get("jingban", f"/cases/{case['id']}/documents{path}").status_code in {404, 422}


def test_a_reading_script_sees_that_documents_exist_and_not_what_they_say(place: Town) -> None:
    place.issue_key("脚本", CITY, Role.SCRIPT_READER)
    case = place.register()
    [receipt] = documents(place, case, who="脚本")
    assert place.get("脚本", f"/cases/{case['id']}/documents/{receipt['id']}.pdf").status_code == 403


def test_the_volume_has_an_index_of_everything_in_it(place: Town) -> None:
    case = signed(place)
    place.go_to("2026-03-13")
    place.act("jingban", case, "deliver", method="post", carrier="中国邮政", tracking_no="EX123456789CN")
    place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="EX123456789CN")
    place.act("guidang", case, "archive", volume_no="2026-YSQ-0001")
    text = said(place, case, "archive_index")
    for part in (
        *("案卷号：2026-YSQ-0001", "保管期限：10年", "政府信息公开申请张三", "登记回执", "依申请复〔2026〕1号"),
        *("科室审核意见审核人丙", "保密审查意见保密员丁", "签发意见负责人戊", "邮政妥投回执EX123456789CN2026-03-13"),
    ):
        assert part in text, part


def test_swagger_names_the_document_a_step_writes(place: Town) -> None:
    paths = place.client.get("/openapi.json").json()["paths"]
    said = paths["/api/v1/cases/{case_id}/request_correction"]["post"]["description"]
    assert "**生成文书**：补正告知书" in said
    assert "生成文书" not in paths["/api/v1/cases/{case_id}/assign"]["post"]["description"]


@pytest.fixture
def administered(place: Town) -> Town:
    place.hire("xitong", CITY, Role.SYSTEM_ADMIN)
    place.hire("xitong2", COUNTY, Role.SYSTEM_ADMIN)
    return place


def put_template(place: Town, who: str, doc: str, content: bytes, name: str = "模板.docx", **query: str) -> Any:
    return place.client.put(
        f"/api/v1/document-templates/{doc}", headers=place.headers(who), params=query, files={"file": (name, content)}
    )


OWN = word_file(
    *("受理通知", "{{ applicant }}，您好：{{ case_no }}", "{%p for text in asked %}", "{{ text }}", "{%p endfor %}"),
    "{{ agency }}，{{ channel }}",
)
NEEDED = "{{ applicant }}{{ case_no }}{{ agency }}{{ channel }}"


def test_an_agency_replaces_a_template_and_what_was_issued_before_keeps_its_own(administered: Town) -> None:
    place = administered
    before = place.register()
    answer = put_template(place, "xitong", "receipt", OWN, agency_code=BUREAU)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["source_agency"], bool(answer.json()["sha256"])) == ("海州市规划局", True)
    after = place.register(items=[{"title": AWKWARD}])
    assert said(place, after, "receipt") == squeezed(
        f"受理通知张三，您好：{after['case_no']}{AWKWARD}海州市规划局，当面提交"
    )
    assert "政府信息公开申请登记回执" in said(place, before, "receipt")
    listed = place.get("xitong", "/document-templates", params={"agency_code": BUREAU}).json()["items"]
    assert [row["doc"] for row in listed] == [doc.value for doc in Doc]
    assert {row["doc"] for row in listed if row["sha256"]} == {"receipt"}
    path = "/document-templates/receipt"
    assert place.get("xitong", path, params={"agency_code": BUREAU}).content == OWN
    assert place.get("xitong", path).content == document_templates.shipped(Doc.RECEIPT)
    restored = place.post("xitong", f"{path}/restore?agency_code={BUREAU}", {})
    assert restored.json()["sha256"] is None
    assert "政府信息公开申请登记回执" in said(place, place.register(), "receipt")


def test_the_template_of_the_city_holds_below_until_an_agency_has_its_own(administered: Town) -> None:
    place = administered
    put_template(place, "xitong", "receipt", word_file(f"全市统一{NEEDED}"))
    assert said(place, place.register(), "receipt").startswith("全市统一")
    put_template(place, "xitong", "receipt", word_file(f"本局{NEEDED}"), agency_code=BUREAU)
    assert said(place, place.register(), "receipt").startswith("本局")


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (word_file("{{ nonsense }}"), "t.docx", "没有这些字段：nonsense"),
        (word_file("{{ agency.__class__.__mro__ }}"), "t.docx", "标记有误"),
        (word_file("{{ case_no }}", header="机密"), "t.docx", "页眉文字"),
        (with_member(word_file("{{ case_no }}"), "word/vbaProject.bin", b"x"), "t.docx", "宏"),
        (
            word_file(
                "{{ agency }}{{ applicant }}{{ document_no }}{{ channel }}{% for item in items %}{{ item.found }}{% endfor %}"
            ),
            *("t.docx", "模板缺少必备的内容：申请编号、第1项的申请内容、第1项的理由、第1项的提供的方式和途径"),
        ),
        (b"plain text", "t.txt", "docx"),
        (b"plain text", "t.docx", "不符"),
        (b"", "t.docx", "空的"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_with_its_reason(
    administered: Town, content: bytes, name: str, why: str
) -> None:
    answer = put_template(administered, "xitong", "reply", content, name)
    assert answer.status_code == 422, answer.text
    assert why in problem(answer)["detail"]
    assert administered.get("xitong", "/document-templates").json()["items"][11]["sha256"] is None


def test_templates_are_the_system_administrators_and_only_below_him(administered: Town) -> None:
    place = administered
    assert put_template(place, "jingban", "receipt", OWN).status_code == 403
    assert put_template(place, "xitong2", "receipt", OWN, agency_code=BUREAU).status_code == 404
    assert place.get("xitong2", "/document-templates", params={"agency_code": CITY}).status_code == 404
    assert place.get("xitong", "/document-templates/nonsense").status_code == 422
