import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import numerals
from app.domain.citation import (
    REGULATION,
    Citation,
    cite,
    find_citations,
    flaw,
    formal,
    since_moved,
    without_citations,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("《中华人民共和国政府信息公开条例》第三十六条第（三）项", ["条例第36条第（三）项"]),
        ("《中华人民共和国政府信息公开条例》（国务院令第711号，以下简称《条例》）第十四条", ["条例第14条"]),
        ("条例第36条第(三)项", ["条例第36条第（三）项"]),
        ("本条例第三十六条第三项", ["条例第36条第（三）项"]),
        ("根据政府信息公开条例第３６条第（三）项", ["条例第36条第（三）项"]),
        ("依据《条例》第十四条、第三十六条第（三）项的规定", ["条例第14条", "条例第36条第（三）项"]),
        ("条例第十六条第一款、第二款", ["条例第16条第1款", "条例第16条第2款"]),
        ("条例第二十九条第二款第（一）项、第（二）项", ["条例第29条第2款第（一）项", "条例第29条第2款第（二）项"]),
        ("《中华人民共和国保守国家秘密法》第十三条第（一）项", ["保守国家秘密法第13条第（一）项"]),
        ("根据中华人民共和国档案法第二十七条", ["档案法第27条"]),
        ("政府信息公开条例（2007年）第二十一条第（三）项", ["2007年旧条例第21条第（三）项"]),
        ("《政府信息公开条例》（国务院令第492号）第13条", ["2007年旧条例第13条"]),
        ("原条例第二十四条", ["2007年旧条例第24条"]),
        ("《最高人民法院关于审理政府信息公开行政案件若干问题的规定》第二条", ["法释〔2011〕17号第2条"]),
        ("《上海市政府信息公开条例》第5条", ["上海市政府信息公开条例第5条"]),
        ("第十四条", ["第14条"]),
        ("条例第二〇条第（十）项", ["条例第20条第（十）项"]),
        ("民法典第一百零三条", ["民法典第103条"]),
        ("民法典、民法通则第一百二十五条", ["民法通则第125条"]),
        ("申请表第二项、第三方意见、第一款项", []),
        ("条例第36条规定，本机关对第（二）项请求另行答复", ["条例第36条"]),
    ],
)
def test_every_way_clerks_write_a_citation_is_read_into_one_form(text: str, expected: list[str]) -> None:
    assert [str(citation) for citation in find_citations(text)] == expected


@pytest.mark.parametrize("text", ["条例", "条例第14条、第15条", ""])
def test_one_citation_is_demanded_where_one_is_meant(text: str) -> None:
    with pytest.raises(ValueError, match="不是一处条款引用"):
        cite(text)


_CITATIONS = st.builds(
    Citation,
    law=st.sampled_from(["条例", "行政复议法", "保守国家秘密法"]),
    article=st.integers(1, 999),
    paragraph=st.none() | st.integers(1, 20),
    item=st.none() | st.integers(1, 99),
)


@given(_CITATIONS)
def test_the_normal_form_reads_back_as_the_same_citation(citation: Citation) -> None:
    assert cite(str(citation)) == citation


@given(_CITATIONS, _CITATIONS)
def test_covering_both_ways_means_being_the_same(one: Citation, other: Citation) -> None:
    assert (one.covers(other) and other.covers(one)) == (one == other)


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    assert all(citation.article >= 0 for citation in find_citations(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第14条", "没有写明法律、法规的名称"),
        ("旧条例第21条", "自2019年5月15日起不再适用"),
        ("《最高人民法院关于审理政府信息公开行政案件若干问题的规定》第2条", "法释〔2025〕8号代替"),
        ("条例第14条第4款", "现行条例没有第14条第4款，疑似2007年旧条号，现为第14条、第15条"),
        ("条例第57条", "现行条例没有第57条"),
        ("条例第36条第（八）项", "现行条例没有第36条第（八）项"),
        ("条例第16条第3款", "现行条例没有第16条第3款"),
    ],
)
def test_what_nobody_may_cite_is_named_with_its_reason(text: str, expected: str) -> None:
    assert expected in (flaw(cite(text)) or "")


@pytest.mark.parametrize(
    "text", ["条例第56条", "条例第20条第（十五）项", "条例第3条第4款", "行政复议法第23条第1款第（四）项"]
)
def test_provisions_in_force_stand(text: str) -> None:
    assert flaw(cite(text)) is None


# Counted in the text of 2019: article → paragraphs, items. All others have one paragraph and no items.
SHAPE = {
    3: (4, 0), 4: (2, 5), 6: (2, 0), 10: (3, 0), 11: (2, 0), 12: (3, 0), 13: (2, 0), 16: (2, 0), 17: (3, 0),
    20: (1, 15), 25: (3, 0), 29: (2, 3), 31: (1, 3), 33: (3, 0), 36: (1, 7), 39: (2, 0), 42: (2, 0), 44: (2, 0),
    47: (2, 0), 49: (2, 0), 50: (2, 5), 53: (1, 3), 55: (2, 0),
}  # fmt: skip


@pytest.mark.parametrize("article", range(1, 57))
def test_each_article_has_just_the_paragraphs_and_items_of_the_text(article: int) -> None:
    paragraphs, items = SHAPE.get(article, (1, 0))
    assert [n for n in range(20) if flaw(Citation(REGULATION, article, paragraph=n)) is None] == [
        *range(1, paragraphs + 1)
    ]
    assert [n for n in range(20) if flaw(Citation(REGULATION, article, item=n)) is None] == [*range(1, items + 1)]


def test_articles_outside_the_text_do_not_exist() -> None:
    assert flaw(Citation(REGULATION, 0)) is not None
    assert flaw(Citation(REGULATION, 57)) is not None


@pytest.mark.parametrize(
    ("old", "now"),
    [
        (8, "第14条"),
        (13, "第27条"),
        (14, "第15条"),
        (20, "第29条"),
        (21, "第36条"),
        (22, "第37条"),
        (23, "第32条"),
        (24, "第33条"),
        (26, "第40条"),
    ],
)
def test_old_article_numbers_point_to_where_the_subject_stands_now(old: int, now: str) -> None:
    assert now in since_moved(Citation(REGULATION, old))


def test_only_the_regulation_has_old_article_numbers() -> None:
    assert "第36条" in since_moved(Citation(REGULATION, 21))
    assert since_moved(Citation("档案法", 21)) == ""


def test_without_citations_the_writers_own_words_remain() -> None:
    text = "根据《条例》第十六条第一款，该信息为人事管理信息。"
    assert without_citations(text) == "根据，该信息为人事管理信息。"


@pytest.mark.parametrize(
    ("texts", "written"),
    [
        (
            ["条例第36条第(三)项", "条例第16条第2款"],
            "《中华人民共和国政府信息公开条例》第三十六条第（三）项、第十六条第二款",
        ),
        (["《政府信息公开条例》第三十六条第（二）项"], "《中华人民共和国政府信息公开条例》第三十六条第（二）项"),
        (["根据《条例》（国务院令第711号）第14条的规定"], "《中华人民共和国政府信息公开条例》第十四条"),
        (
            ["条例第36条第（三）项", "条例第14条", "《保守国家秘密法》第13条", "条例第37条"],
            (
                "《中华人民共和国政府信息公开条例》第三十六条第（三）项、第十四条、《保守国家秘密法》第十三条、"
                "《中华人民共和国政府信息公开条例》第三十七条"
            ),
        ),
        (["根据中华人民共和国档案法第28条"], "《中华人民共和国档案法》第二十八条"),
        (["《行政许可法》（2019年）第8条第2款第3项"], "《行政许可法》（2019年）第八条第二款第（三）项"),
        (["民法典第1042条", "民法典第一百零三条"], "《民法典》第一千零四十二条、第一百零三条"),
        (["国办函〔2020〕109号", "第99999条"], "国办函〔2020〕109号、第99999条"),
    ],
)
def test_a_document_cites_with_whole_titles_and_numbers_in_characters(texts: list[str], written: str) -> None:
    assert "、".join(formal(texts)) == written


@given(_CITATIONS)
def test_what_is_written_formally_is_read_as_the_same_citation(citation: Citation) -> None:
    assert cite(formal([str(citation)])[0]) == citation


@given(st.integers(0, 9999))
def test_a_number_written_in_characters_reads_back(number: int) -> None:
    assert numerals.read(numerals.write(number)) == number
