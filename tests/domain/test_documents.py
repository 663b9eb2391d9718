"""What documents must say, and that a missing word is named instead of left blank."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import acts, documents, verdicts
from app.domain.documents import MissingFields, chinese_date, course, plain_date, write
from app.domain.specimens import SPECIMENS
from app.domain.terms import ConsultationKind, Doc, ReplyKind


@pytest.mark.parametrize(
    ("day", "written"),
    [
        ("2026-03-13", "二〇二六年三月十三日"),
        ("2026-10-01", "二〇二六年十月一日"),
        ("2026-11-20", "二〇二六年十一月二十日"),
        ("2026-12-31", "二〇二六年十二月三十一日"),
        ("2030-01-10", "二〇三〇年一月十日"),
        ("2019-05-22", "二〇一九年五月二十二日"),
    ],
)
def test_a_date_can_be_written_in_characters(day: str, written: str) -> None:
    assert chinese_date(dt.date.fromisoformat(day)) == written


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)))
def test_no_two_days_are_written_alike(day: dt.date) -> None:
    assert chinese_date(day) != chinese_date(day + dt.timedelta(days=1))
    assert plain_date(day) == f"{day.year}年{day.month}月{day.day}日"


def test_every_document_has_a_model_and_a_specimen_and_every_field_a_chinese_name() -> None:
    assert set(documents.MODELS) == set(SPECIMENS) == set(Doc)
    for doc, model in documents.MODELS.items():
        assert type(SPECIMENS[doc]) is model
        for part in (model, documents.ReplyItem, documents.IndexEntry):
            for name, field in part.model_fields.items():
                assert field.title, f"{part.__name__}.{name}"
                assert any("一" <= letter <= "鿿" for letter in field.title)


def test_every_kind_of_reply_has_a_sentence_that_says_what_was_decided() -> None:
    assert set(verdicts.DECISIONS) == set(ReplyKind)
    assert all(text.endswith("。") for text in verdicts.DECISIONS.values())


@pytest.mark.parametrize("doc", Doc)
def test_a_document_without_a_field_it_needs_is_refused_by_that_fields_name(doc: Doc) -> None:
    model = documents.MODELS[doc]
    whole = SPECIMENS[doc].model_dump()
    assert write(model, whole) == SPECIMENS[doc]
    for name, field in model.model_fields.items():
        if not field.is_required():
            continue
        for absent in ({key: value for key, value in whole.items() if key != name}, whole | {name: None}):
            with pytest.raises(MissingFields) as missing:
                write(model, absent)
            assert missing.value.labels == (field.title,), name
        if isinstance(whole[name], str) and name != "family":
            with pytest.raises(MissingFields, match="缺少"):
                write(model, whole | {name: " \n\t　"})


def test_all_that_is_missing_is_named_at_once() -> None:
    whole = SPECIMENS[Doc.REPLY].model_dump()
    items: list[dict[str, Any]] = [dict(item) for item in whole["items"]]
    items[1]["found"] = ""
    with pytest.raises(MissingFields) as missing:
        write(documents.Reply, whole | {"contact": None, "remedy": " ", "items": items})
    assert set(missing.value.labels) == {
        "联系方式（机关设置中的工作机构电话）",
        "救济途径",
        "第2项的审查、检索的事实",
    }
    assert str(missing.value).startswith("政府信息公开申请答复书缺少：")


def test_a_field_that_does_not_exist_is_a_mistake_of_ours_and_not_a_missing_one() -> None:
    with pytest.raises(ValueError, match="extra_forbidden"):
        write(documents.Assist, SPECIMENS[Doc.ASSIST].model_dump() | {"unknown": "x"})


def test_the_course_of_a_case_is_told_in_the_order_it_happened() -> None:
    history = (
        acts.Extended(on=dt.date(2026, 4, 10), workdays=20),
        acts.CorrectionRequested(on=dt.date(2026, 3, 9), reply_within_workdays=10),
        acts.ConsultationSent(on=dt.date(2026, 3, 23), ref="A", kind=ConsultationKind.THIRD_PARTY),
        acts.CorrectionReceived(on=dt.date(2026, 3, 20)),
        acts.Received(on=dt.date(2026, 3, 2)),
    )
    assert course(history) == (
        "2026年3月9日，本机关告知补正。",
        "2026年3月20日，本机关收到补正后的申请，答复期限自该日起重新计算。",
        "2026年3月23日，本机关书面征求第三方的意见，所需时间不计算在答复期限内。",
        "2026年4月10日，本机关告知延长答复期限20个工作日。",
    )
