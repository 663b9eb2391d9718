"""Filling templates, setting PDFs, keeping files: whatever stands in a case comes out letter by letter."""

import datetime as dt
import errno
import hashlib
import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.documents import ArchiveIndex, Correction, Document, write
from app.domain.specimens import SPECIMENS
from app.domain.terms import Doc
from app.domain.workflow import WORKFLOWS
from app.errors import FontMissing, Unavailable
from app.services import document_templates, letters, rendering, typesetting
from app.services.rendering import TemplateFault
from app.services.storage import FolderStore
from tests.architecture.tree import ROOT
from tests.papers import SETTINGS, pages_of, pdf_text, squeezed, word_file, word_text

AWKWARD = {
    "markup": "<b>&amp; & \"quoted\" 'q' ]]> <!-- x -->",
    "template_marks": "{{7*7}} {{ agency }} {% raw %} {%p for x in y %} {# c #} {_{ }_} {_% %_}",
    "typst_marks": '#let x = 1; #eval("1") $x^2$ *bold* _it_ @ref <label> \\ `raw` // c /* c */ = title ~ -- ---',
    "rare_characters": "𠮷𬱖𪚥䶮㐂〇",
    "private_tokens": "\ue0000\ue001 \ue000999\ue001".replace("\ue000", "〔").replace("\ue001", "〕"),
    "fields": "PAGE \\* MERGEFORMAT HYPERLINK",
    "one_long_word": "https://example.gov.cn/" + "a" * 300,
}


def correction(text: str) -> Document:
    return write(Correction, SPECIMENS[Doc.CORRECTION].model_dump() | {"unclear": text})


def filled(text: str) -> bytes:
    return rendering.fill(document_templates.shipped(Doc.CORRECTION), correction(text))


@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD)
def test_awkward_text_comes_out_verbatim_in_both_forms(text: str) -> None:
    word = filled(text)
    assert f"{text}。" in word_text(word)
    assert squeezed(text) in pdf_text(typesetting.typeset(word, correction(text), SETTINGS))


WRITABLE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co"), exclude_characters="\u2028\u2029\x85")
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WRITABLE.filter(str.strip))
def test_any_text_comes_out_verbatim_in_the_word_file(text: str) -> None:
    text = text.strip()
    assert {text, f"{text}。"} & set(word_text(filled(text)))


def test_very_long_text_comes_out_whole_on_many_pages() -> None:
    text = "".join(chr(0x4E00 + n % 5000) for n in range(20_000))
    word = filled(text)
    assert f"{text}。" in word_text(word)
    pdf = typesetting.typeset(word, correction(text), SETTINGS)
    assert len(pages_of(pdf)) > 20
    assert text in pdf_text(pdf)


def test_each_line_of_a_text_becomes_a_paragraph_of_the_same_shape() -> None:
    text = "第一段\n第二段\r\n\t第三段"
    said = word_text(filled(text))
    start = said.index("第一段")
    assert said[start : start + 3] == ["第一段", "第二段", "\t第三段。"]
    lines = pages_of(typesetting.typeset(filled(text), correction(text), SETTINGS))[0].splitlines()
    assert {"第一段", "第二段", "第三段。"} <= {line.strip() for line in lines}


def test_a_long_word_is_broken_and_does_not_run_off_the_page() -> None:
    text = "x" * 400
    lines = pages_of(typesetting.typeset(filled(text), correction(text), SETTINGS))[0].splitlines()
    assert max(line.count("x") for line in lines) < 80


def test_a_table_over_several_pages_repeats_its_heading() -> None:
    index = SPECIMENS[Doc.ARCHIVE_INDEX]
    assert isinstance(index, ArchiveIndex)
    long = index.model_copy(update={"entries": index.entries * 40})
    pages = pages_of(typesetting.typeset(rendering.fill(document_templates.shipped(index.doc), long), long, SETTINGS))
    assert len(pages) > 2
    assert all("文号或者来源" in page for page in pages[:-1])


def test_a_case_number_is_divided_after_a_hyphen_before_its_line_is_pulled_apart() -> None:
    agency = SPECIMENS[Doc.CONSULT_AGENCY]
    [first, *_] = pages_of(
        typesetting.typeset(rendering.fill(document_templates.shipped(agency.doc), agency), agency, SETTINGS)
    )
    assert "本机关收到政府信息公开申请（编号：370600-GXJ-2026" in first


def test_control_characters_are_left_out_because_no_file_can_hold_them() -> None:
    assert "甲乙。" in word_text(filled("甲\x07\x0b\x1f\ufffe乙"))


@pytest.mark.parametrize("doc", Doc)
def test_every_template_is_filled_completely_and_says_the_same_in_both_forms(doc: Doc) -> None:
    specimen = SPECIMENS[doc]
    word = rendering.fill(document_templates.shipped(doc), specimen)
    said = word_text(word)
    assert not [text for text in said if re.search(r"[{}]|None|\ue000", text)]
    whole = squeezed("".join(said))
    for name, value in specimen.model_dump().items():
        for text in _texts(value):
            assert squeezed(text) in whole, f"{doc}: {name}"
    pdf = typesetting.typeset(word, specimen, SETTINGS)
    printed = pdf_text(pdf)
    assert not [text for text in said if squeezed(text) not in printed]
    assert b"pdfaid:part>2<" in pdf
    assert b"pdfaid:conformance>B<" in pdf


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [] if value == "partial" else [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in _texts(inner)]
    return []


def test_the_same_data_and_template_give_the_same_bytes() -> None:
    def made() -> tuple[str, str]:
        specimen = SPECIMENS[Doc.REPLY]
        word = rendering.fill(document_templates.shipped(Doc.REPLY), specimen)
        pdf = typesetting.typeset(word, specimen, SETTINGS)
        return hashlib.sha256(word).hexdigest(), hashlib.sha256(pdf).hexdigest()

    assert made() == made()


def test_the_shipped_templates_are_what_the_script_makes() -> None:
    loader = SourceFileLoader("template_script", str(ROOT / "scripts" / "templates"))
    spec = spec_from_loader("template_script", loader)
    assert spec
    script = module_from_spec(spec)
    loader.exec_module(script)
    assert [doc for doc in Doc if script.build(doc) != document_templates.shipped(doc)] == []


@pytest.mark.parametrize(
    ("paragraph", "fault"),
    [
        ("{{ applicnat }}", "没有这些字段：applicnat"),
        ("{{ query_code }}{{ agency.__class__ }}", "没有这些字段：query_code"),
        ("{{ agency.__class__ }}", "标记有误"),
        ("{{ agency.upper() }}", "宏、引用和函数"),
        ("{% for x in range(9) %}{{ x }}{% endfor %}", "没有这些字段：range"),
        ("{% macro m() %}{% endmacro %}", "宏、引用和函数"),
        ("{% include 'x' %}", "宏、引用和函数"),
        ("{{ agency * 1000000 }}", "不能进行运算"),
        ("{{ agency + agency }}", "不能进行运算"),
        ("{{ agency|safe }}", "标记有误"),
        ("{{ agency", "标记有误"),
        ("{% if agency %}", "标记有误"),
        ("{{ '' }}", "空白"),
    ],
)
def test_a_template_can_do_no_more_than_place_the_documents_fields(paragraph: str, fault: str) -> None:
    with pytest.raises(TemplateFault, match=fault):
        rendering.fill(word_file(paragraph), SPECIMENS[Doc.CORRECTION])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a word file", word_file("x")[:2000]])
def test_what_is_no_word_file_is_no_template(content: bytes) -> None:
    with pytest.raises(TemplateFault):
        rendering.fill(content, SPECIMENS[Doc.CORRECTION])


def test_an_optional_field_that_is_empty_is_never_printed_as_a_blank() -> None:
    closing = SPECIMENS[Doc.CLOSING].model_copy(update={"remedy": None})
    with pytest.raises(TemplateFault, match="空白"):
        rendering.fill(word_file("{{ remedy }}"), closing)
    assert "None" not in "".join(word_text(rendering.fill(document_templates.shipped(Doc.CLOSING), closing)))


def test_a_letter_that_no_font_has_is_named_and_not_printed_as_a_box() -> None:
    with pytest.raises(FontMissing, match=r"U\+323AF"):
        typesetting.typeset(filled("\U000323af"), correction("x"), SETTINGS)


def test_without_any_of_the_fonts_nothing_is_printed() -> None:
    bare = SETTINGS.model_copy(update={"fonts": ["No Such Font"]})
    with pytest.raises(FontMissing, match="No Such Font"):
        typesetting.typeset(filled("甲"), correction("甲"), bare)


def test_what_a_pdf_would_lack_is_named() -> None:
    assert typesetting.unsettable(word_file("甲")) == []
    assert typesetting.unsettable(word_file("甲", header="机密")) == ["页眉文字"]


def test_a_step_writes_what_its_row_says() -> None:
    rows = [step for workflow in WORKFLOWS.values() for step in workflow.rows if step.issues]
    assert {step.command for step in rows} == set(letters.DOCUMENTS)
    issued = {doc for step in rows for doc in step.issues}
    assert issued == set(Doc), "each document is issued by some step"


def test_a_store_gives_back_what_it_took_and_writes_equal_content_once(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "files")
    digest = store.put(b"content")
    assert digest == hashlib.sha256(b"content").hexdigest() == store.put(b"content")
    assert store.get(digest) == b"content"
    files = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert [path.name for path in files] == [digest]
    assert files[0].stat().st_mode & 0o077 == 0


def test_a_store_tells_a_damaged_or_missing_file_from_a_good_one(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    digest = store.put(b"content")
    (tmp_path / digest[:2] / digest).write_bytes(b"c0ntent")
    with pytest.raises(Unavailable, match="损坏"):
        store.get(digest)
    with pytest.raises(Unavailable, match="不能读取"):
        store.get("0" * 64)


def test_a_half_written_file_is_written_again(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    digest = store.put(b"content")
    (tmp_path / digest[:2] / digest).write_bytes(b"con")
    assert store.get(store.put(b"content")) == b"content"


def test_a_full_disk_is_a_refusal_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    store = FolderStore(tmp_path)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Unavailable, match="不能保存"):
        store.put(b"content")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_pdf_carries_the_day_of_the_document_and_not_the_day_of_making() -> None:
    specimen = SPECIMENS[Doc.REPLY]
    assert specimen.dated == dt.date(2026, 3, 13)
    word = rendering.fill(document_templates.shipped(Doc.REPLY), specimen)
    assert b"2026-03-13T" in typesetting.typeset(word, specimen, SETTINGS)
