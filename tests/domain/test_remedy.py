from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.citation import cite, flaw
from app.domain.remedy import (
    ReplyingAgency,
    Route,
    check_added_text,
    check_remedy,
    reconsideration_authority,
    remedy_clause,
)
from app.domain.terms import AgencyKind, ReplyKind

K, A = ReplyKind, AgencyKind
CITY, COURT = "烟台市人民政府", "烟台市芝罘区人民法院"
ROUTE = Route((CITY,), "行政复议法第24条第1款第（一）项")


@pytest.mark.parametrize(
    ("agency", "authorities", "basis"),
    [
        (ReplyingAgency("烟台市工业和信息化局", A.DEPARTMENT, CITY, "省工信厅"), (CITY,), "24条第1款第（一）项"),
        (ReplyingAgency(CITY, A.LOCAL_GOVERNMENT, None, "山东省人民政府"), ("山东省人民政府",), "24条第1款第（二）项"),
        (ReplyingAgency("某街道办事处", A.DISPATCHED_OFFICE, "某区人民政府"), ("某区人民政府",), "24条第1款第（三）项"),
        (ReplyingAgency("某管理中心", A.AUTHORIZED_ORGANIZATION, CITY), (CITY,), "24条第1款第（四）项"),
        (ReplyingAgency("山东省人民政府", A.PROVINCIAL_GOVERNMENT), ("山东省人民政府",), "24条第2款"),
        (ReplyingAgency("某派出所", A.DISPATCHED_BODY, "某区人民政府"), ("某区人民政府",), "24条第4款"),
        (ReplyingAgency("某分局", A.DISTRICT_BODY, CITY, None, "某区人民政府"), (CITY, "某区人民政府"), "24条第4款"),
        (ReplyingAgency("市税务局", A.VERTICAL, CITY, "省税务局"), ("省税务局",), "27条"),
        (ReplyingAgency("市司法局", A.JUSTICE_DEPARTMENT, CITY, "省司法厅"), (CITY, "省司法厅"), "28条"),
        (ReplyingAgency("财政部", A.STATE_COUNCIL_DEPARTMENT), ("财政部",), "25条第（一）项"),
        (ReplyingAgency("某监管局", A.STATE_COUNCIL_BODY, superior="某部"), ("某部",), "25条第（二）项、第（三）项"),
    ],
)
def test_each_kind_of_agency_has_its_reconsideration_authority(
    agency: ReplyingAgency, authorities: tuple[str, ...], basis: str
) -> None:
    route = reconsideration_authority(agency)
    assert route.authorities == authorities
    assert route.basis == f"行政复议法第{basis}"


@pytest.mark.parametrize("kind", AgencyKind)
def test_every_kind_of_agency_is_answered_or_says_what_is_missing(kind: AgencyKind) -> None:
    full = ReplyingAgency("某机关", kind, "甲政府", "乙机关", "丙政府")
    route = reconsideration_authority(full)
    assert flaw(cite(route.basis.split("、")[0])) is None
    if route.authorities == ("某机关",):
        assert route.ruling
    else:
        with pytest.raises(ValueError, match="无法确定行政复议机关"):
            reconsideration_authority(ReplyingAgency("某机关", kind))


def test_a_city_office_in_the_citys_own_seat_names_one_authority_once() -> None:
    agency = ReplyingAgency("某分局", A.DISTRICT_BODY, CITY, seat_government=CITY)
    assert reconsideration_authority(agency).authorities == (CITY,)


def test_a_refusal_names_reconsideration_first() -> None:
    assert remedy_clause([K.DENY_THIRD_PARTY], ROUTE, COURT) == (
        "对本答复不服的，应当自收到本答复之日起60日内先向烟台市人民政府申请行政复议；对行政复议决定不服的，"
        "可以自收到行政复议决定书之日起15日内向烟台市芝罘区人民法院提起行政诉讼。"
    )


def test_other_replies_leave_the_choice() -> None:
    assert remedy_clause([K.UNABLE_NOT_EXIST, K.GRANT], ROUTE, COURT) == (
        "对本答复不服的，可以自收到本答复之日起60日内向烟台市人民政府申请行政复议，"
        "或者自收到本答复之日起6个月内向烟台市芝罘区人民法院提起行政诉讼。"
    )


def test_a_partial_reply_has_a_sentence_for_each_part() -> None:
    clause = remedy_clause([K.PARTIAL], ROUTE, COURT, online_channel="https://fy.example.gov.cn")
    assert "对本答复中不予公开的部分不服的，应当自收到本答复之日起60日内先向" in clause
    assert "对本答复的其他部分不服的，可以自收到本答复之日起60日内向" in clause
    assert clause.endswith("行政复议申请书可以通过互联网渠道提交：https://fy.example.gov.cn")
    assert "先" not in remedy_clause([K.PARTIAL], ROUTE, COURT, without_review={K.PARTIAL})


def test_a_provinces_own_decision_may_go_to_the_state_council() -> None:
    route = reconsideration_authority(ReplyingAgency("山东省人民政府", A.PROVINCIAL_GOVERNMENT))
    assert "向国务院申请裁决" in remedy_clause([K.DENY_LAW], route, COURT)


@given(
    st.lists(st.sampled_from(ReplyKind), min_size=1, max_size=4),
    st.sampled_from(
        [ROUTE, Route((CITY, "省司法厅"), "行政复议法第28条"), Route(("国家税务总局",), "行政复议法第27条")]
    ),
    st.booleans(),
    st.sets(st.sampled_from([K.PARTIAL, K.DENY_QUERY])),
)
def test_our_own_clause_passes_our_own_check(
    kinds: list[ReplyKind], route: Route, online: bool, exempt: set[ReplyKind]
) -> None:
    channel = "https://fy.example.gov.cn" if online else None
    clause = remedy_clause(kinds, route, COURT, online_channel=channel, without_review=exempt)
    assert check_remedy(clause, kinds, route, COURT, delivered_online=online, without_review=exempt) == []


GOOD = remedy_clause([K.GRANT], ROUTE, COURT)
DENIED = remedy_clause([K.DENY_LAW], ROUTE, COURT)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (GOOD.replace("6个月", "3个月"), K.GRANT, "起诉期限为6个月"),
        (GOOD.replace("6个月", "三个月"), K.GRANT, "没有写明6个月的起诉期限"),
        (GOOD.replace("60日", "六十五日"), K.GRANT, "没有写明60日"),
        (GOOD.replace("60日", "160日"), K.GRANT, "没有写明60日"),
        (GOOD.replace(CITY, "山东省工业和信息化厅"), K.GRANT, "没有写明行政复议机关“烟台市人民政府”"),
        (GOOD.replace(CITY, f"{CITY}或者上一级主管部门"), K.GRANT, "“上一级主管部门”已不是行政复议机关"),
        (GOOD.replace(COURT, "人民法院"), K.GRANT, "没有写明有管辖权的人民法院"),
        (GOOD, K.DENY_LAW, "不能告知直接起诉"),
        (DENIED, K.GRANT, "没有写明6个月的起诉期限"),
        (DENIED.replace("先", ""), K.DENY_LAW, "没有告知应当先申请行政复议"),
        (DENIED.replace("15日", "合理期限"), K.DENY_LAW, "15日起诉期限"),
    ],
)
def test_a_wrong_clause_says_what_is_wrong(text: str, kind: ReplyKind, expected: str) -> None:
    faults = check_remedy(text, [kind], ROUTE, COURT)
    assert any(expected in fault for fault in faults)


def test_numbers_may_be_written_in_chinese_and_lines_may_break() -> None:
    text = GOOD.replace("60日", "六十\n日").replace("6个月", "六个月").replace(CITY, "烟台市 人民政府")
    assert check_remedy(text, [K.GRANT], ROUTE, COURT) == []


def test_a_reply_over_the_internet_needs_an_address_for_the_application() -> None:
    faults = check_remedy(GOOD, [K.GRANT], ROUTE, COURT, delivered_online=True)
    assert len(faults) == 1
    assert "行政复议法第22条第2款" in faults[0]


def test_agencies_differing_only_in_superior_share_the_route_of_a_department() -> None:
    agency = ReplyingAgency("某局", A.DEPARTMENT, CITY, "省厅")
    assert reconsideration_authority(agency) == reconsideration_authority(replace(agency, superior=None))


@pytest.mark.parametrize("kind", ReplyKind)
def test_our_own_clause_may_be_repeated_in_the_text(kind: ReplyKind) -> None:
    route = Route(("海州市人民政府",), "行政复议法第24条")
    assert check_added_text(remedy_clause([kind], route, "海州市海东区人民法院"), [kind]) == []


@pytest.mark.parametrize(
    "text",
    [
        "随函提供批复复印件1份。",
        "你于2026年3月2日向市政府申请行政复议，该复议机关在30日内作出了决定。",
        "请在10日内到档案室查阅；该地块涉及的诉讼尚未审结。",
    ],
)
def test_days_that_are_no_remedy_are_left_alone(text: str) -> None:
    assert check_added_text(text, [ReplyKind.GRANT]) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("可以在60个工作日内申请行政复议", "60日"),
        ("可在九十日内提起行政复议", "60日"),
        ("可以自收到之日起 三 个 月 内提起诉讼", "6个月"),
        ("可以在30日内向人民法院起诉", "15日"),
        ("可以向上级主管部门申请复议", "全称"),
    ],
)
def test_a_wrong_period_among_the_drafters_own_words_is_found(text: str, expected: str) -> None:
    faults = check_added_text(text, [ReplyKind.GRANT])
    assert len(faults) == 1
    assert expected in faults[0]
