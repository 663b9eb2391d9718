from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.citation import REGULATION, Citation, cite, find_citations, flaw, since_moved, without_citations


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


def test_only_the_regulation_has_old_article_numbers() -> None:
    assert "第36条" in since_moved(Citation(REGULATION, 21))
    assert since_moved(Citation("档案法", 21)) == ""


def test_without_citations_the_writers_own_words_remain() -> None:
    text = "根据《条例》第十六条第一款，该信息为人事管理信息。"
    assert without_citations(text) == "根据，该信息为人事管理信息。"


def test_this_module_imports_nothing_of_the_service() -> None:
    source = Path(find_citations.__code__.co_filename).read_text(encoding="utf-8")
    assert "import app" not in source
    assert "from app" not in source
