import dataclasses
import json
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.citation import flaw
from app.domain.replies import GRANTING, REPLIES, ReplyRule, check_citations, overall, remedy_orders
from app.domain.terms import RemedyOrder, ReplyFamily, ReplyKind, ReportRow

K = ReplyKind
REVIEW_FIRST, EITHER = RemedyOrder.REVIEW_FIRST, RemedyOrder.EITHER

# rules.md 1.9, written out a second time by hand: kind, basis, row of table three.
TABLE = [
    (K.GRANT_PUBLISHED, "条例第36条第（一）项", "granted"),
    (K.GRANT, "条例第36条第（二）项", "granted"),
    (K.PARTIAL, "条例第37条", "partially_granted"),
    (K.DENY_STATE_SECRET, "条例第14条", "denied_state_secret"),
    (K.DENY_LAW, "条例第14条", "denied_law_forbidden"),
    (K.DENY_SECURITY, "条例第14条", "denied_three_security_one_stability"),
    (K.DENY_THIRD_PARTY, "条例第15条", "denied_third_party_rights"),
    (K.DENY_INTERNAL, "条例第16条第1款", "denied_internal_affairs"),
    (K.DENY_PROCESS, "条例第16条第2款", "denied_process_info"),
    (K.DENY_ENFORCEMENT, "条例第16条第2款", "denied_enforcement_file"),
    (K.DENY_QUERY, "条例第36条第（七）项", "denied_admin_query"),
    (K.UNABLE_NOT_EXIST, "条例第36条第（四）项", "unable_not_held"),
    (K.UNABLE_NOT_OURS, "条例第36条第（五）项", "unable_not_held"),
    (K.UNABLE_CREATE, "条例第38条", "unable_needs_creation"),
    (K.UNABLE_UNCLEAR, "条例第30条", "unable_still_unclear"),
    (K.REJECT_PETITION, "条例第39条第1款", "rejected_petition"),
    (K.REJECT_REPEAT, "条例第36条第（六）项", "rejected_repeat"),
    (K.REJECT_PUBLICATION, "条例第39条第2款", "rejected_publication"),
    (K.REJECT_EXCESSIVE, "条例第35条", "rejected_excessive"),
    (K.REJECT_REISSUE, None, "rejected_confirm_or_reissue"),
    (K.CLOSED_NO_CORRECTION, "条例第30条", "other_no_correction"),
    (K.CLOSED_NO_PAYMENT, "政府信息公开信息处理费管理办法第6条", "other_no_payment"),
    (K.CLOSED_OTHER, None, "other_other"),
]


@pytest.mark.parametrize(("kind", "basis", "row"), TABLE)
def test_each_kind_rests_on_its_article_and_counts_in_its_row(kind: ReplyKind, basis: str | None, row: str) -> None:
    rule = REPLIES[kind]
    assert (str(rule.basis[0]) if rule.basis else None) == basis
    assert rule.row == row


def test_the_table_has_all_kinds_in_the_order_of_the_annual_report() -> None:
    assert list(REPLIES) == list(K) == [kind for kind, _, _ in TABLE]
    rows = [list(ReportRow).index(rule.row) for rule in REPLIES.values()]
    assert rows == sorted(rows)


def test_every_result_row_of_the_published_form_is_reached() -> None:
    form = json.loads((Path(__file__).parents[1] / "data" / "annual_reports.json").read_text(encoding="utf-8"))
    keys = [row["key"] for row in form["rows"]]
    assert [row.value for row in ReportRow] == keys
    assert [row.label for row in ReportRow] == [row["label"] for row in form["rows"]]
    results = keys[keys.index("granted") : keys.index("result_total")]
    assert list(dict.fromkeys(rule.row.value for rule in REPLIES.values())) == results


def test_each_family_is_one_block_of_the_report() -> None:
    prefixes = {"grant": "granted", "partial": "partially", "deny": "denied", "unable": "unable", "reject": "rejected"}
    for rule in REPLIES.values():
        assert rule.row.startswith(prefixes.get(rule.family, "other"))


def test_every_citation_of_the_table_exists_in_the_law_in_force() -> None:
    for rule in REPLIES.values():
        assert [flaw(citation) for citation in (*rule.basis, *rule.may_cite)] == [None] * len(
            rule.basis + rule.may_cite
        )


def test_what_is_unverified_is_named_by_field_so_that_it_can_be_shown_as_a_setting() -> None:
    fields = {field.name for field in dataclasses.fields(ReplyRule)}
    assert all(rule.unverified <= fields for rule in REPLIES.values())
    unsure_rows = {kind for kind, rule in REPLIES.items() if not rule.verified("row")}
    assert unsure_rows == {K.GRANT_PUBLISHED, K.UNABLE_NOT_EXIST, K.UNABLE_NOT_OURS, K.CLOSED_OTHER}
    assert {kind for kind, rule in REPLIES.items() if not rule.verified("remedy")} == {K.PARTIAL, K.DENY_QUERY}


def test_every_kind_says_what_its_text_must_contain() -> None:
    assert all(rule.content and all(rule.content) for rule in REPLIES.values())


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([K.GRANT], K.GRANT),
        ([K.GRANT_PUBLISHED, K.GRANT], K.GRANT),
        ([K.GRANT_PUBLISHED, K.GRANT_PUBLISHED], K.GRANT_PUBLISHED),
        ([K.GRANT, K.UNABLE_NOT_EXIST], K.PARTIAL),
        ([K.REJECT_PUBLICATION, K.GRANT_PUBLISHED], K.PARTIAL),
        ([K.GRANT, K.CLOSED_OTHER], K.PARTIAL),
        ([K.DENY_INTERNAL, K.PARTIAL], K.PARTIAL),
        ([K.UNABLE_NOT_EXIST, K.DENY_THIRD_PARTY], K.DENY_THIRD_PARTY),
        ([K.DENY_PROCESS, K.DENY_INTERNAL], K.DENY_INTERNAL),
        ([K.REJECT_PETITION, K.UNABLE_NOT_OURS], K.UNABLE_NOT_OURS),
        ([K.CLOSED_OTHER, K.REJECT_REPEAT], K.REJECT_REPEAT),
    ],
)
def test_a_request_with_several_items_counts_in_one_row(kinds: list[ReplyKind], expected: ReplyKind) -> None:
    assert overall(kinds) is expected


def test_a_request_without_any_conclusion_has_no_result() -> None:
    with pytest.raises(ValueError, match="没有任何处理结论"):
        overall([])


@given(st.lists(st.sampled_from(ReplyKind), min_size=1, max_size=8), st.randoms())
def test_neither_order_nor_repetition_of_items_changes_the_result(kinds: list[ReplyKind], random: Random) -> None:
    shuffled = list(kinds)
    random.shuffle(shuffled)
    assert overall(kinds) is overall(shuffled) is overall(kinds + kinds)


@given(st.lists(st.sampled_from(ReplyKind), min_size=1, max_size=8))
def test_the_result_is_partial_exactly_when_something_was_and_something_was_not_granted(kinds: list[ReplyKind]) -> None:
    mixed = K.PARTIAL in kinds or (bool(GRANTING & set(kinds)) and bool(set(kinds) - GRANTING))
    assert (overall(kinds) is K.PARTIAL) == mixed
    assert overall(kinds) in {*kinds, K.PARTIAL}


def test_a_refusal_of_any_item_decides_the_remedy_of_the_overall_refusal() -> None:
    for pair in combinations([kind for kind in K if kind not in GRANTING], 2):
        if REVIEW_FIRST in remedy_orders(pair):
            assert REPLIES[overall(pair)].remedy is REVIEW_FIRST


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([K.GRANT], {EITHER}),
        ([K.DENY_STATE_SECRET], {REVIEW_FIRST}),
        ([K.DENY_ENFORCEMENT, K.DENY_INTERNAL], {REVIEW_FIRST}),
        ([K.PARTIAL], {REVIEW_FIRST, EITHER}),
        ([K.DENY_QUERY], {REVIEW_FIRST}),
        ([K.GRANT, K.UNABLE_NOT_EXIST], {EITHER}),
        ([K.GRANT, K.DENY_LAW], {REVIEW_FIRST, EITHER}),
        ([K.CLOSED_NO_PAYMENT], {EITHER}),
    ],
)
def test_the_remedy_follows_each_item(kinds: list[ReplyKind], expected: set[RemedyOrder]) -> None:
    assert remedy_orders(kinds) == expected


def test_review_first_is_exactly_refusal_as_the_law_and_the_default_have_it() -> None:
    review_first = {kind for kind, rule in REPLIES.items() if rule.remedy is REVIEW_FIRST}
    assert review_first == {kind for kind, rule in REPLIES.items() if rule.family is ReplyFamily.DENY} | {K.PARTIAL}


def test_an_agency_may_settle_only_what_the_law_leaves_open() -> None:
    assert remedy_orders([K.PARTIAL], without_review={K.PARTIAL}) == {EITHER}
    assert remedy_orders([K.DENY_QUERY], without_review={K.DENY_QUERY}) == {EITHER}
    with pytest.raises(ValueError, match="属于国家秘密"):
        remedy_orders([K.GRANT], without_review={K.DENY_STATE_SECRET})


@pytest.mark.parametrize(
    ("kinds", "citations"),
    [
        ([K.GRANT], ["条例第36条第（二）项"]),
        ([K.GRANT_PUBLISHED], ["《中华人民共和国政府信息公开条例》第三十六条第（一）项、第三十三条第二款"]),
        ([K.DENY_THIRD_PARTY], ["条例第15条、第32条", "条例第36条第（三）项"]),
        ([K.DENY_LAW], ["条例第14条", "《中华人民共和国统计法》第二十八条第二款"]),
        ([K.DENY_QUERY], ["条例第36条第（七）项", "《不动产登记暂行条例》第二十七条"]),
        ([K.REJECT_REISSUE], []),
        ([K.GRANT, K.UNABLE_NOT_EXIST], ["条例第36条第（二）项、第（四）项"]),
        ([K.CLOSED_NO_PAYMENT], ["条例第42条"]),
    ],
)
def test_a_reply_with_the_right_articles_passes(kinds: list[ReplyKind], citations: list[str]) -> None:
    assert check_citations(kinds, citations) == []


@pytest.mark.parametrize(
    ("kinds", "citations", "expected"),
    [
        ([K.GRANT], [], "“予以公开”应当引用条例第36条第（二）项"),
        ([K.GRANT], ["条例第36条"], "条例第36条应当写明具体的款、项，如条例第36条第（二）项"),
        ([K.DENY_INTERNAL], ["条例第16条第2款"], "条例第16条第2款不是“内部事务信息，不予公开”的依据"),
        ([K.DENY_LAW], ["条例第14条"], "“法律、行政法规禁止公开”还应当引用作出规定的具体法律、行政法规条款"),
        (
            [K.UNABLE_NOT_EXIST],
            ["条例第21条第（三）项"],
            "现行条例没有第21条第（三）项，疑似2007年旧条号，现为第36条（答复）",
        ),
        ([K.DENY_THIRD_PARTY], ["条例第23条"], "疑似2007年旧条号，现为第15条、第32条（第三方意见）"),
        ([K.DENY_STATE_SECRET], ["条例第14条第4款"], "现行条例没有第14条第4款"),
        ([K.GRANT], ["条例第24条"], "疑似2007年旧条号，现为第33条（答复期限）"),
        ([K.GRANT], ["条例第13条"], "疑似2007年旧条号，现为第27条"),
        ([K.GRANT], ["旧条例第21条"], "自2019年5月15日起不再适用"),
        ([K.GRANT], ["第36条第（二）项"], "没有写明法律、法规的名称"),
        ([K.GRANT], ["有关规定"], "“有关规定”不是可以识别的条款引用"),
        ([K.GRANT, K.UNABLE_NOT_EXIST], ["条例第36条第（二）项"], "“经检索不存在”应当引用条例第36条第（四）项"),
    ],
)
def test_a_wrong_article_is_refused_with_the_right_one(
    kinds: list[ReplyKind], citations: list[str], expected: str
) -> None:
    assert any(expected in fault for fault in check_citations(kinds, citations))


def test_an_old_law_does_not_count_as_the_other_law() -> None:
    faults = check_citations([K.DENY_LAW], ["条例第14条", "旧条例第14条"])
    assert any("还应当引用" in fault for fault in faults)


@given(st.sampled_from(ReplyKind))
def test_citing_each_basis_of_a_kind_with_a_law_is_enough(kind: ReplyKind) -> None:
    for basis in REPLIES[kind].basis:
        assert check_citations([kind], [str(basis), "《中华人民共和国保守国家秘密法》第十三条"]) == []
