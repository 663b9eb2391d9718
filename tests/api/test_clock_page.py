"""The printable explanation: everything a court asks for, no person in it, no script, nothing from elsewhere."""

import re
from html.parser import HTMLParser
from typing import Any

from tests.town import Town


class Texts(HTMLParser):
    """Collects tags and visible rows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.rows: list[list[str]] = []
        self.in_cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self.in_cell = False

    def handle_data(self, data: str) -> None:
        if self.in_cell:
            self.rows[-1][-1] += data.strip()


def consulted(place: Town) -> dict[str, Any]:
    """Open E11's case, its consultation entered late, one letter of another agency beside it, and an awkward reason."""
    case = place.register()
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="交办")
    place.go_to("2026-03-26")
    for act in (
        {
            "act": "consultation_sent",
            "ref": "A",
            "kind": "third_party",
            "on": "2026-03-10",
            "delivered_on": "2026-03-12",
        },
        {"act": "consultation_answered", "ref": "A", "on": "2026-03-25"},
        {"act": "consultation_sent", "ref": "<b>B</b>", "kind": "other_agency", "on": "2026-03-11"},
        {"act": "consultation_answered", "ref": "<b>B</b>", "on": "2026-03-13"},
    ):
        body = {"add": act, "reason": '漏记 <script>alert(1)</script> & "补录"'}
        answer = place.post("duban", f"/cases/{case['id']}/clock/corrections", body)
        assert answer.status_code == 200, answer.text
    return case


def test_the_page_holds_what_a_court_asks_for(place: Town) -> None:
    case = consulted(place)
    answer = place.get("duban", f"/cases/{case['id']}/clock/page")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Texts(answer.text)
    rows = [" | ".join(row) for row in page.rows]
    clock = place.get("duban", f"/cases/{case['id']}/clock").json()
    assert clock["due_on"] == "2026-04-15"
    for expected in (
        f"案号 | {case['case_no']} | 受理机关 | 海州市规划局",
        "2026年3月3日 | 星期二 | 1 | 工作日",
        "2026年3月8日 | 星期日 |  | 周末休息",
        "2026年3月11日 | 星期三 |  | 征求第三方意见（A）期间，停止计时（条例第33条第3款）",
        "2026年4月6日 | 星期一 |  | 清明节放假",
        "2026年4月15日 | 星期三 | 20 | 工作日",
        "法定答复期限 | 本机关 | 2026年4月15日 | — | 否 | 条例第33条第2款",
        "版本 | " + clock["calendar_version"],
    ):
        assert expected in rows, expected
    third, other = (row for row in rows if "征求第三方意见 |" in row or "征求其他机关意见 |" in row)
    assert third.endswith("11 个：2026年3月11日 至 2026年3月25日")
    assert "条例未规定，本系统默认" in other
    assert any("征求意见发出当日、收到意见当日均不计 | 2026年4月16日" in row for row in rows)
    assert len([row for row in page.rows if len(row) == 4 and row[2].isdigit()]) == 20
    assert any("chinese_calendar" in row for row in rows if row.startswith("依据的通知"))


def test_the_page_runs_nothing_loads_nothing_and_escapes_everything(place: Town) -> None:
    case = consulted(place)
    answer = place.get("duban", f"/cases/{case['id']}/clock/page")
    policy = answer.headers["content-security-policy"]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; "
        r"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        policy,
    )
    page = Texts(answer.text)
    assert not {"script", "img", "link", "iframe", "b", "form"} & set(page.tags)
    assert not {"src", "href", "style", "onload"} & page.attributes
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert "&lt;b&gt;B&lt;/b&gt;" in answer.text


def test_the_page_names_no_person(place: Town) -> None:
    case = consulted(place)
    text = place.get("duban", f"/cases/{case['id']}/clock/page").text
    for private in (
        "张三",
        "11010519491231002X",
        "13800000000",
        "幸福路",
        "城东片区",
        "dengji",
        "登记员甲",
        "督办员庚",
    ):
        assert private not in text, private


def test_a_correction_stands_beside_what_it_corrects(place: Town) -> None:
    place.go_to("2026-03-05")
    case = place.register(submitted_at="2026-03-02T09:00:00+08:00")
    body = {"received_on": "2026-03-03", "reason": "签收单日期误读"}
    place.post("duban", f"/cases/{case['id']}/clock/corrections", body)
    text = place.get("duban", f"/cases/{case['id']}/clock/page").text
    rows = [" | ".join(row) for row in Texts(text).rows]
    assert any(row.startswith("2026年3月2日 | 收到申请") and row.endswith("已被更正") for row in rows)
    assert any(row.startswith("2026年3月3日 | 收到申请") and row.endswith("签收单日期误读") for row in rows)
    assert 'class="void"' in text


def test_a_case_whose_receipt_is_unconfirmed_has_a_page_too(place: Town) -> None:
    case = place.register(channel="internet")
    text = place.get("duban", f"/cases/{case['id']}/clock/page").text
    assert "尚未确认收到" in text
    assert "与申请人确认收到" in text


def test_a_provisional_limit_says_so_with_its_bounds(place: Town) -> None:
    place.go_to("2026-12-07")
    case = place.register(submitted_at="2026-12-07T09:00:00+08:00")
    text = place.get("duban", f"/cases/{case['id']}/clock/page").text
    assert "本期限为暂定" in text
    assert "待国务院办公厅通知" in text


def test_the_page_is_for_those_who_may_see_the_case(place: Town) -> None:
    case = place.register()
    assert place.client.get(f"/api/v1/cases/{case['id']}/clock/page").status_code == 401
    assert place.get("duban", "/cases/999999/clock/page").status_code == 404
