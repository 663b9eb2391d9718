"""Volumes of real cases for the tests, and what people, disks and forgers do to them."""

import hashlib
import io
import json
import random
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.domain import archive
from app.domain.archive import CASE, INDEX, JOURNAL, MANIFEST, Journal, Manifest, Record
from app.services.volumes import pack
from tests.databases import SqliteDatabases
from tests.town import CONCLUSION, Town, town

LONG = "该信息记载了内部讨论中各方尚未形成一致的意见，公开后将使有关人员难以坦率讨论，影响今后同类事项的决策质量和效率"
WHOLE = {"severability": "全文均属不予公开的内容，去除后没有可以单独提供的部分"}
POSTED = {"method": "post", "carrier": "中国邮政", "tracking_no": "EX123456789CN"}
Case = dict[str, Any]


def in_hand(place: Town, **changes: Any) -> Case:
    """Bring a case into the handler's hands."""
    case = place.register(**changes)
    place.act("dengji", case, "accept")
    return place.act("dengji", case, "assign", handler="jingban", opinion="请办理")


def delivered(place: Town, case: Case, *conclusions: dict[str, Any], **submitted: Any) -> Case:
    """Answer a case and have it delivered."""
    place.act("jingban", case, "submit", conclusions=list(conclusions or (CONCLUSION,)), **submitted)
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    place.act("lingdao", case, "sign")
    place.act("jingban", case, "deliver", **POSTED)
    return place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="EX123456789CN")


def attach(place: Town, case: Case, name: str, content: bytes, kind: str = "evidence") -> dict[str, Any]:
    answer = place.client.post(
        f"/api/v1/cases/{case['id']}/attachments",
        headers=place.headers("jingban"),
        data={"kind": kind},
        files={"file": (name, content)},
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _granted(place: Town) -> Case:
    return delivered(place, in_hand(place))


def _attached(place: Town) -> Case:
    case = in_hand(place, applicant={"kind": "natural_person", "name": "𠮷<某>&{{7*7}}"})
    attach(place, case, "检索记录.txt", "检索了《档案》，未见。".encode())
    attach(place, case, "回执.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "delivery_proof")
    wrong = attach(place, case, "别人的.txt", "不是本案的材料".encode())
    path = f"/cases/{case['id']}/attachments/{wrong['id']}/withdraw"
    assert place.post("jingban", path, {"reason": "误传"}).status_code == 200
    return delivered(place, case)


def _denied(place: Town) -> Case:
    cited = {"citations": ["条例第36条第（三）项", "条例第16条第2款"], "reason": LONG, "provision": None}
    return delivered(place, in_hand(place), CONCLUSION | cited | WHOLE | {"kind": "deny_process"})


def searched(place: Town, case: Case) -> None:
    """Enter the searches that "does not exist" needs: in the business unit and in the archive room."""
    for scope, where in (("business_unit", "规划科"), ("archive_room", "机关档案室")):
        place.act(
            "jingban",
            case,
            "record_search",
            scope=scope,
            place=where,
            keywords=["城东片区"],
            period="2015年至2026年",
            searcher="李某",
            found=False,
            result="未检索到",
        )


def _not_found(place: Town) -> Case:
    case = in_hand(place)
    searched(place, case)
    told = {"kind": "unable_not_exist", "citations": ["条例第36条第（四）项"], "reason": LONG, "provision": None}
    return delivered(place, case, CONCLUSION | told)


def _consulted(place: Town) -> Case:
    case = in_hand(place)
    place.act("jingban", case, "consult", ref="A", kind="third_party", party="甲公司", disclosing="合同")
    place.act("jingban", case, "record_consultation_answer", ref="A", position="objects", opinion="涉及商业秘密")
    cited = {"citations": ["条例第36条第（三）项", "条例第15条"], "reason": LONG, "provision": None}
    return delivered(place, case, CONCLUSION | cited | WHOLE | {"kind": "deny_third_party"})


def _excessive(place: Town) -> Case:
    case = in_hand(place)
    asked = {"circumstances": "本月46件", "reply_within_workdays": 5, "delivered_on": "2026-03-02"}
    place.act("jingban", case, "request_reasons", **asked)
    place.act("jingban", case, "receive_reasons", content="想了解", reasonable=False, opinion="不合理")
    told = {"kind": "reject_excessive", "citations": ["条例第35条"], "reason": LONG, "provision": None}
    return delivered(place, case, CONCLUSION | told)


def _several(place: Town) -> Case:
    case = in_hand(place, items=[{"title": "甲"}, {"document_no": "海规〔2025〕3号"}, {"description": "丙" * 600}])
    place.act("lingdao", case, "extend", workdays=20, reason="需调阅历年档案", approved_on="2026-03-02")
    conclusions = [CONCLUSION | {"item_no": no, "found": f"{no}：{LONG * 10}"} for no in (1, 2, 3)]
    place.act("jingban", case, "submit", conclusions=conclusions)
    place.act("shenhe", case, "return_draft", reason="请补充")
    return delivered(place, case, *conclusions)


def _supplemented(place: Town) -> Case:
    case = delivered(place, in_hand(place))
    body = {"kind": "supplement", "reason": "遗漏附图", "content": "补充附图一张", "sent_by": "邮政 EX3"}
    return place.act("lingdao", case, "supplement", **body)


def _returned(place: Town) -> Case:
    case = in_hand(place)
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    place.act("lingdao", case, "sign")
    place.act("jingban", case, "deliver", **POSTED)
    place.act("jingban", case, "record_return", reason="地址不详")
    place.act("jingban", case, "deliver", **POSTED | {"tracking_no": "EX2"})
    return place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="EX2")


def _withdrawn(place: Town) -> Case:
    return place.act("jingban", in_hand(place), "withdraw", form="来信撤回")


def _unconfirmed(place: Town) -> Case:
    """Merged into another: closed with a letter and no reply."""
    first, second = place.register(), place.register()
    place.act("dengji", second, "accept")
    return place.act("dengji", second, "merge", case_no=first["case_no"], reason="同一申请")


def _parted(place: Town) -> Case:
    case = place.register(items=[{"title": "甲"}, {"title": "乙"}])
    place.act("dengji", case, "accept")
    place.act("dengji", case, "split", item_nos=[2], reason="一事一申请")
    [new] = [item for item in place.get("dengji", "/cases").json()["items"] if item["title"] == "乙"]
    place.act("dengji", new, "assign", handler="jingban", opinion="请办理")
    return delivered(place, new)


def _corrected(place: Town) -> Case:
    case = place.register()
    place.act("dengji", case, "accept")
    asked = {"unclear": "范围不明", "required": "写明年度", "reply_within_workdays": 5, "delivered_on": "2026-03-02"}
    place.act("dengji", case, "request_correction", **asked)
    place.act("dengji", case, "receive_correction", content="全部")
    place.act("dengji", case, "assign", handler="jingban", opinion="续办")
    return delivered(place, case)


COURSES: Mapping[str, Callable[[Town], Case]] = {
    "granted": _granted,
    "attached": _attached,
    "denied": _denied,
    "not_found": _not_found,
    "consulted": _consulted,
    "excessive": _excessive,
    "several": _several,
    "supplemented": _supplemented,
    "returned": _returned,
    "withdrawn": _withdrawn,
    "merged": _unconfirmed,
    "parted": _parted,
    "corrected": _corrected,
}


def packages(folder: Path) -> dict[str, bytes]:
    """Take one case down each course to the archive, and fetch its volume."""
    found = {}
    with town(SqliteDatabases(folder).new(), folder) as place:
        for name, course in COURSES.items():
            case = course(place)
            place.act("guidang", case, "archive", volume_no=f"2026-{name}")
            answer = place.get("guidang", f"/cases/{case['id']}/archive")
            assert answer.status_code == 200, answer.text
            found[name] = answer.content
    return found


Members = dict[str, bytes]


def unpack(package: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def relist(members: Members, listed: Mapping[str, bytes] | None = None) -> bytes:
    """Pack as a careful forger would: with a fresh manifest and table of contents for whatever the papers now say."""
    record = Record.model_validate_json(members[CASE])
    if INDEX in members:
        members[INDEX] = archive.index_page(record)
    journal = Journal.model_validate_json(members[JOURNAL])
    manifest = archive.manifest_of(record, journal, listed or members)
    return pack(members | {MANIFEST: archive.canonical(manifest)})


def _edited(members: Members, path: str, edit: Callable[[dict[str, Any]], None]) -> Members:
    content = json.loads(members[path])
    edit(content)
    return members | {path: archive.canonical(content)}


def flip(content: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(content))
    return content[:place] + bytes([content[place] ^ rng.randrange(1, 256)]) + content[place + 1 :]


def flip_anywhere(package: bytes, rng: random.Random) -> bytes:
    return flip(package, rng)


def flip_in_a_file(package: bytes, rng: random.Random) -> bytes:
    members = unpack(package)
    path = rng.choice(sorted(members))
    return pack(members | {path: flip(members[path], rng)})


def cut(package: bytes, rng: random.Random) -> bytes:
    return package[: rng.randrange(len(package))]


def append(package: bytes, rng: random.Random) -> bytes:
    return package + rng.randbytes(rng.randrange(1, 50))


def lose_a_file(package: bytes, rng: random.Random) -> bytes:
    members = unpack(package)
    del members[rng.choice(sorted(members))]
    return pack(members)


def lose_a_file_and_its_line(package: bytes, rng: random.Random) -> bytes:
    members = unpack(package)
    del members[rng.choice(sorted(members.keys() - {MANIFEST, CASE, JOURNAL}))]
    return relist(members)


def add_a_file(package: bytes, rng: random.Random) -> bytes:
    name = rng.choice(["documents/999-reply.pdf", "run.exe", "../up.txt", "/abs.txt", "a\\b.txt", "attachments/x.txt"])
    return pack(unpack(package) | {name: rng.randbytes(30)})


def add_a_file_and_its_line(package: bytes, rng: random.Random) -> bytes:
    members = unpack(package)
    members["documents/999-reply.pdf"] = members[rng.choice([path for path in sorted(members) if path.endswith("pdf")])]
    manifest = Manifest.model_validate_json(members[MANIFEST])
    line = manifest.files[0].model_copy(
        update={
            "path": "documents/999-reply.pdf",
            "sha256": hashlib.sha256(members["documents/999-reply.pdf"]).hexdigest(),
            "size": len(members["documents/999-reply.pdf"]),
        }
    )
    fresh = manifest.model_copy(update={"files": (*manifest.files, line)})
    return pack(members | {MANIFEST: archive.canonical(fresh)})


def swap(package: bytes, rng: random.Random) -> bytes:
    members = unpack(package)
    one, other = rng.sample(sorted(members), 2)
    members[one], members[other] = members[other], members[one]
    return pack(members)


def swap_documents_and_relist(package: bytes, rng: random.Random) -> bytes:
    members = unpack(package)
    form = rng.choice([".pdf", ".docx"])
    one, other = rng.sample([path for path in sorted(members) if path.endswith(form)], 2)
    members[one], members[other] = members[other], members[one]
    return relist(members)


def name_twice(package: bytes, rng: random.Random) -> bytes:
    members = unpack(package)
    written = io.BytesIO(package)
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(written, "a") as opened:
        path = rng.choice(sorted(members))
        opened.writestr(path, rng.choice([members[path], b"other"]))
    return written.getvalue()


def repack(package: bytes, rng: random.Random) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", rng.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])) as opened:
        for path, content in unpack(package).items():
            opened.writestr(path, content)
        opened.comment = b"repacked"
    return written.getvalue()


def edit_the_manifest(package: bytes, rng: random.Random) -> bytes:
    members = unpack(package)
    changes = {
        "case_no": "370600-GXJ-2026-999999",
        "agency": "别的机关",
        "agency_code": "370600",
        "volume_no": "2026-0",
        "made_at": "2026-01-01T00:00:00+08:00",
        "retention": "20年",
        "expires_on": "2027-12-31",
        "seal": "0" * 64,
        "files_sha256": "0" * 64,
        "format": 2,
        "kind": "别的",
    }
    name = rng.choice(sorted(changes))
    return pack(_edited(members, MANIFEST, lambda manifest: manifest.update({name: changes[name]})))


def edit_a_title(package: bytes, rng: random.Random) -> bytes:
    def edit(manifest: dict[str, Any]) -> None:
        line = rng.choice(manifest["files"])
        line[rng.choice(["title", "media_type"])] = "别的"

    return pack(_edited(unpack(package), MANIFEST, edit))


def forge_the_case(package: bytes, rng: random.Random) -> bytes:
    """Change what the case says, and its manifest with it."""
    members = unpack(package)
    edits: list[Callable[[dict[str, Any]], None]] = [
        lambda case: case["application"]["applicant"].update(name="李四"),
        lambda case: case["application"].update(received_on="2026-03-01"),
        lambda case: case["application"]["items"][0].update(title="别的信息"),
        lambda case: case.update(due_on="2026-04-30"),
        lambda case: case.update(volume_no="2026-0"),
        lambda case: case.update(retention_years=None),
        lambda case: case.update(outcome="grant_published"),
        lambda case: case.update(archived_on="2026-03-03"),
        lambda case: case.update(handler="lingdao"),
        lambda case: case["agency"].update(name="别的机关"),
        lambda case: case["documents"][0]["data"].update(agency="别的机关"),
        lambda case: case["procedure"].pop("归档"),
    ]
    return relist(_edited(members, CASE, rng.choice(edits)))


def forge_the_journal(package: bytes, rng: random.Random) -> bytes:
    members = unpack(package)

    def edit(journal: dict[str, Any]) -> None:
        entry = rng.choice(journal["entries"][:-1])
        entry.update(
            rng.choice([{"actor": "wo"}, {"on": "2026-02-28"}, {"label": "别的"}, {"at": "2026-01-01T00:00:00Z"}])
        )

    def drop(journal: dict[str, Any]) -> None:
        del journal["entries"][rng.randrange(len(journal["entries"]) - 1)]

    return relist(_edited(members, JOURNAL, rng.choice([edit, drop])))


def forge_the_clock(package: bytes, rng: random.Random) -> bytes:
    changes = {"due_on": "2026-05-30", "received_on": "2026-02-01", "case_no": "370600-2026-000009"}
    name = rng.choice(sorted(changes))
    return relist(_edited(unpack(package), "clock.json", lambda clock: clock.update({name: changes[name]})))


def plant_a_script(package: bytes, rng: random.Random) -> bytes:
    members = unpack(package)
    evil = rng.choice([b"<script>alert(1)</script>", b"<img src=x onerror=alert(1)>", b"<iframe src=//x></iframe>"])
    members["clock.html"] = members["clock.html"].replace(b"</body>", evil + b"</body>")
    return relist(members)


def rewrite_a_document(package: bytes, rng: random.Random) -> bytes:
    """Change the text of a Word document, or give it a macro, and list it anew."""
    members = unpack(package)
    path = rng.choice([path for path in sorted(members) if path.endswith(".docx")])
    record = Record.model_validate_json(members[CASE])
    written = io.BytesIO()
    macro = rng.random() < 0.5
    with zipfile.ZipFile(io.BytesIO(members[path])) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml" and not macro:
                content = (
                    content.replace(record.case_no.encode(), b"370600-2026-000000")
                    .replace(record.volume_no.encode(), b"x")
                    .replace("依申请复".encode(), "依申请函".encode())
                )
            new.writestr(name, content)
        if macro:
            new.writestr("word/vbaProject.bin", b"macro")
    assert written.getvalue() != members[path]
    members[path] = written.getvalue()
    return relist(members)


def break_a_document(package: bytes, rng: random.Random) -> bytes:
    members = unpack(package)
    path = rng.choice([path for path in sorted(members) if path.startswith("documents/")])
    members[path] = rng.choice(
        [b"", members[path][: len(members[path]) // 2], b"%PDF-1.7\n", b"PK\x03\x04" + b"\0" * 30]
    )
    return relist(members)


DAMAGES = (
    *(flip_anywhere, flip_in_a_file, cut, append, lose_a_file, lose_a_file_and_its_line, add_a_file),
    *(add_a_file_and_its_line, swap, swap_documents_and_relist, name_twice, repack, edit_the_manifest, edit_a_title),
    *(forge_the_case, forge_the_journal, forge_the_clock, plant_a_script, rewrite_a_document, break_a_document),
)
