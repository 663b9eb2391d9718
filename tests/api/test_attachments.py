"""Attachments over HTTP: what comes in is looked at, kept as it came, and never deleted."""

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest

from app import db
from app.domain.terms import Role
from app.models import Attachment, JournalEntry
from app.services import volume_check
from tests.papers import archive, said, with_member, word_file
from tests.town import CITY, CONCLUSION, COUNTY, Town, problem

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
LOCKED_PDF = PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 5 0 R")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
JPG = b"\xff\xd8\xff\xe0" + b"\0" * 40
OFD = archive({"OFD.xml": b"<OFD/>"})
WORKBOOK = archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"})
WORD = word_file("材料")


def send(
    place: Town, case: dict[str, Any], content: bytes = PDF, name: str = "材料.pdf", who: str = "jingban", **more: Any
) -> Any:
    headers = place.headers(who) | more.pop("headers", {})
    data = {"kind": "evidence"} | more
    return place.client.post(
        f"/api/v1/cases/{case['id']}/attachments",
        headers=headers,
        data={key: value for key, value in data.items() if value is not None},
        files={"file": (name, content)},
    )


def sent(place: Town, case: dict[str, Any], *args: Any, **more: Any) -> dict[str, Any]:
    answer = send(place, case, *args, **more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_what_travels_with_the_reply_is_named_in_it_and_stays(place: Town) -> None:
    case = place.register()
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="请办理")
    whole = sent(place, case, name="合同.pdf")
    redacted = {
        "kind": "redacted",
        "original_attachment_id": str(whole["id"]),
        "redactions": "第2页第三人电话，属个人隐私",
    }
    cut, plan = sent(place, case, name="合同节录.pdf", **redacted), sent(place, case, name="图则.pdf", kind="other")
    foreign, proof = sent(place, place.register()), sent(place, case, name="身份证.pdf", kind="id_proof")
    gone = sent(place, case, name="旧稿.pdf")
    place.post("jingban", f"/cases/{case['id']}/attachments/{gone['id']}/withdraw", {"reason": "误传"})

    def submit(*rows: dict[str, Any]) -> Any:
        body = {"conclusions": [CONCLUSION], "attachment_ids": [row["id"] for row in rows]}
        return place.post("jingban", f"/cases/{case['id']}/submit", body)

    for row, why in ((whole, "区分处理"), (foreign, "没有编号"), (proof, "身份证明"), (gone, "撤下")):
        refused = submit(plan, row)
        assert (refused.status_code, problem(refused)["reasons"][0]["field"]) == (422, "attachment_ids")
        assert why in problem(refused)["detail"]
    assert "重复" in problem(submit(plan, plan))["detail"]
    assert submit(plan, cut).status_code == 200
    path = f"/cases/{case['id']}/attachments/{plan['id']}/withdraw"
    assert place.post("jingban", path, {"reason": "误传"}).status_code == 409
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    assert place.act("lingdao", case, "sign")["reply"]["attachment_ids"] == [plan["id"], cut["id"]]
    assert "附件：1．图则.pdf2．合同节录.pdf（区分处理后）" in said(place, case, "reply")
    place.act("jingban", case, "deliver", method="post", carrier="中国邮政", tracking_no="EX1")
    place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="EX1")
    place.act("guidang", case, "archive", volume_no="2026-1")
    package = place.get("guidang", f"/cases/{case['id']}/archive").content
    assert volume_check.check(package) == []
    with zipfile.ZipFile(io.BytesIO(package)) as volume:
        titles = [file["title"] for file in json.loads(volume.read("manifest.json"))["files"]]
    assert [title for title in titles if title.endswith("（随答复提供）")] == [
        "区分处理后提供的材料：合同节录.pdf（区分处理）（随答复提供）",
        "其他附件：图则.pdf（随答复提供）",
    ]


def test_a_file_comes_back_as_it_was_sent_under_its_own_name(place: Town) -> None:
    case = place.register()
    row = sent(place, case, name="身份证 “正面”.pdf", kind="id_proof", note="<b>&{{7*7}}")
    assert (row["kind_label"], row["file_type"], row["size"]) == ("身份证明", "pdf", len(PDF))
    assert (row["sha256"], row["encrypted"]) == (hashlib.sha256(PDF).hexdigest(), False)
    assert row["note"] == "<b>&{{7*7}}"
    answer = place.get("jingban", row["links"]["content"].removeprefix("/api/v1"))
    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "%E8%BA%AB%E4%BB%BD%E8%AF%81" in answer.headers["content-disposition"]
    kept = [path.name for path in (place.settings.data_dir / "files").rglob("*") if path.is_file()]
    assert row["sha256"] in kept
    with db.reader(place.engine) as session:
        acts = [entry.act for entry in session.query(JournalEntry).order_by(JournalEntry.id)]
    assert acts[-2:] == ["attachment_added", "attachment_read"]


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PDF, "a.PDF", "pdf"),
        (WORD, "a.docx", "docx"),
        (WORKBOOK, "a.xlsx", "xlsx"),
        (OFD, "a.ofd", "ofd"),
        (PNG, "a.png", "png"),
        (JPG, "a.jpeg", "jpg"),
        ("说明".encode(), "a.txt", "txt"),
        ("说明".encode("gb18030"), "a.txt", "txt"),
    ],
)
def test_the_types_an_office_uses_come_in(place: Town, content: bytes, name: str, kind: str) -> None:
    assert sent(place, place.register(), content, name)["file_type"] == kind


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "a.pdf", "空的"),
        (PDF, "a.docx", "扩展名不符"),
        (PDF, "a.pdf.exe", "扩展名不符"),
        (PNG, "a", "扩展名不符"),
        (b"MZ\x90\x00" + b"\0" * 60, "a.pdf", "不接收"),
        (b"\x7fELF" + b"\0" * 60, "a.txt", "不接收"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 60, "a.docx", "旧格式"),
        (archive({"a.exe": b"x"}), "a.docx", "不接收"),
        (b"PK\x03\x04broken", "a.docx", "不接收"),
        (with_member(WORD, "word/vbaProject.bin", b"x"), "a.docx", "宏"),
        (with_member(WORD, "word/VBAPROJECT.BIN", b"x"), "a.docx", "宏"),
        (with_member(WORD, "word/activeX/activeX1.xml", b"x"), "a.docx", "宏"),
        (with_member(WORKBOOK, "xl/macrosheets/sheet1.xml", b"x"), "a.xlsx", "宏"),
        (with_member(WORD, "word/embeddings/oleObject1.bin", b"x"), "a.docx", "宏"),
        (
            archive(
                {
                    "[Content_Types].xml": b"<Types>application/vnd.ms-word.document.macroEnabled.main+xml</Types>",
                    "word/document.xml": b"x",
                }
            ),
            "a.docx",
            "宏",
        ),
        (with_member(WORD, "word/media/zeros.bin", b"\0" * (8 << 20)), "a.docx", "压缩比"),
        (with_member(WORD, "../../etc/passwd", b"x"), "a.docx", "内部结构"),
        (archive({"word/document.xml": b"x", **{f"n{n}": b"" for n in range(5001)}}), "a.docx", "过大"),
    ],
)
def test_what_must_not_come_in_is_refused_with_its_reason(place: Town, content: bytes, name: str, why: str) -> None:
    case = place.register()
    answer = send(place, case, content, name)
    assert answer.status_code == 422, answer.text
    assert why in problem(answer)["detail"]
    assert problem(answer)["reasons"][0]["field"] == "file"
    assert place.get("jingban", f"/cases/{case['id']}/attachments").json()["items"] == []


def test_an_archive_that_would_unpack_to_gigabytes_is_refused_unopened(place: Town) -> None:
    bomb = archive({"word/document.xml": b"x", **{f"m{n}": b"\0" * (30 << 20) for n in range(11)}})
    assert len(bomb) < 1 << 20
    assert "过大" in send(place, place.register(), bomb, "a.docx").json()["detail"]


def test_a_locked_pdf_comes_in_and_is_marked(place: Town) -> None:
    case = place.register()
    for locked in (LOCKED_PDF, LOCKED_PDF.replace(b"/Encrypt", b"/Enc#72ypt")):
        assert sent(place, case, locked)["encrypted"] is True
    assert sent(place, case, PDF + b"% about /Encrypt in words")["encrypted"] is False


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("a\u202efdp.pdf", "afdp.pdf"),
        ("甲" * 300 + ".pdf", "甲" * 180 + ".pdf"),
        ("  a.pdf", "a.pdf"),
    ],
)
def test_a_name_is_only_ever_shown_and_shown_safely(place: Town, name: str, shown: str) -> None:
    assert sent(place, place.register(), PDF, name)["name"] == shown


def test_sending_the_same_again_under_one_key_adds_one_file(place: Town) -> None:
    case = place.register()
    key = {"Idempotency-Key": "k1"}
    first, again = send(place, case, headers=key), send(place, case, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    for changed in (
        send(place, case, PDF + b"\n", headers=key),
        send(place, case, name="b.pdf", headers=key),
        send(place, case, kind="other", headers=key),
        send(place, case, note="x", headers=key),
    ):
        assert (changed.status_code, problem(changed)["code"]) == (422, "idempotency_key_reused")
    assert len(place.get("jingban", f"/cases/{case['id']}/attachments").json()["items"]) == 1


def test_a_redacted_file_names_its_original_and_what_was_removed(place: Town) -> None:
    case, other = place.register(), place.register()
    original, foreign = sent(place, case), sent(place, other)
    whole = {"kind": "redacted", "original_attachment_id": original["id"], "redactions": "第2页第三人电话，属个人隐私"}
    for lacking in (
        {"original_attachment_id": None},
        {"redactions": None},
        {"redactions": "  "},
        {"original_attachment_id": foreign["id"]},
        {"original_attachment_id": 99999},
        {"kind": "evidence"},
    ):
        assert send(place, case, **(whole | lacking)).status_code == 422, lacking
    row = sent(place, case, **whole)
    assert (row["original_attachment_id"], row["redactions"]) == (original["id"], whole["redactions"])
    kept = place.post(
        "jingban", f"/cases/{case['id']}/attachments/{original['id']}/withdraw", {"reason": "误传他人材料"}
    )
    assert (kept.status_code, problem(kept)["code"]) == (409, "conflict")


def test_a_withdrawn_file_stays_to_be_seen_with_its_reason(place: Town) -> None:
    case = place.register()
    row = sent(place, case)
    path = f"/cases/{case['id']}/attachments/{row['id']}"
    assert place.post("jingban", f"{path}/withdraw", {}).status_code == 422
    done = place.post("jingban", f"{path}/withdraw", {"reason": "误传他人材料"})
    assert done.status_code == 200
    assert (done.json()["withdrawn_by"], done.json()["withdrawn_reason"]) == ("jingban", "误传他人材料")
    assert place.post("jingban", f"{path}/withdraw", {"reason": "再次"}).status_code == 409
    assert place.get("jingban", f"{path}/content").content == PDF
    assert place.client.delete(f"/api/v1{path}", headers=place.headers("jingban")).status_code in {404, 405}


def test_an_archived_case_takes_nothing_more(place: Town) -> None:
    case = place.register()
    row = sent(place, case)
    place.act("dengji", case, "withdraw", form="申请人来信撤回")
    place.act("guidang", case, "archive", volume_no="2026-YSQ-0001")
    late = send(place, case)
    assert (late.status_code, problem(late)["code"]) == (409, "action_refused")
    path = f"/cases/{case['id']}/attachments/{row['id']}"
    assert place.post("jingban", f"{path}/withdraw", {"reason": "误传"}).status_code == 409
    assert place.get("jingban", f"{path}/content").status_code == 200


def test_who_may_send_and_who_may_read(place: Town) -> None:
    place.hire("zhen", COUNTY, Role.HANDLER)
    place.hire("xitong", CITY, Role.SYSTEM_ADMIN)
    place.issue_key("门户", CITY, Role.PORTAL)
    place.issue_key("脚本", CITY, Role.SCRIPT_READER)
    case = place.register("门户")
    row = sent(place, case)
    content = f"/cases/{case['id']}/attachments/{row['id']}/content"
    assert send(place, case, who="zhen").status_code == 404
    assert place.get("zhen", content).status_code == 404
    for who in ("duban", "xitong", "脚本"):
        assert send(place, case, who=who).status_code == 403, who
    assert send(place, case, who="门户").status_code == 428
    seen = {"If-Match": f'"{case["version"]}"'}
    assert send(place, case, who="门户", headers=seen).status_code == 201
    assert send(place, case, who="门户", headers={"If-Match": '"7"'}).status_code == 412
    assert place.get("duban", content).status_code == 200
    for who in ("门户", "脚本", "xitong"):
        assert place.get(who, content).status_code == 403, who
    anonymous = place.client.post(f"/api/v1/cases/{case['id']}/attachments", data={"kind": "x"}, files={"file": b""})
    assert anonymous.status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "nonsense"},
        {"kind": None},
        {"note": "a\x00b"},
        {"note": "x" * 20_001},
        {"kind": "redacted", "redactions": "x", "original_attachment_id": "1_000"},
        {"original_attachment_id": "-1"},
    ],
)
def test_a_form_that_is_wrong_is_refused_in_chinese(place: Town, changed: dict[str, Any]) -> None:
    answer = send(place, place.register(), **changed)
    assert answer.status_code == 422, answer.text
    assert problem(answer)["reasons"]


def test_a_file_too_large_is_413_before_it_is_read(place: Town) -> None:
    case = place.register()
    answer = place.client.post(
        f"/api/v1/cases/{case['id']}/attachments",
        headers=place.headers("jingban")
        | {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "60000000"},
        content=b"--x\r\n",
    )
    assert answer.status_code == 413


def test_a_refused_upload_leaves_no_row_and_a_kept_one_no_more_than_one_file(place: Town) -> None:
    case = place.register()
    for _ in range(3):
        sent(place, case)
    send(place, case, b"MZ\0", "a.exe")
    with db.reader(place.engine) as session:
        assert session.query(Attachment).count() == 3
    digest = hashlib.sha256(PDF).hexdigest()
    assert [p.name for p in (place.settings.data_dir / "files").rglob(digest)] == [digest]
