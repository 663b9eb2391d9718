"""What a row of a ledger may say."""

import datetime as dt
from typing import Any

import pytest

from app.domain import ledger
from app.domain.acts import Closed, Replied, Served
from app.domain.ledger import COLUMNS, Cell, Entry, Fault, Unusable
from app.domain.replies import REPLIES
from app.domain.report import RESULT_ROWS
from app.domain.terms import ApplicantKind, Channel, IdType, ReplyKind, ReportRow
from tests.ledgers import OPEN, row

TODAY = dt.date(2026, 3, 2)
PLACES = {name: place for place, name in enumerate(COLUMNS)}


def read(*rows: list[Cell]) -> tuple[list[Entry], list[Fault]]:
    return ledger.read(list(enumerate(rows, 2)), PLACES, first_day=dt.date(2004, 1, 1), today=TODAY)


def only(**changes: Any) -> Entry:
    entries, faults = read(row(**changes))
    assert faults == []
    return entries[0]


def wrong(**changes: Any) -> list[tuple[str, str]]:
    """Give column and code of every fault of one row."""
    entries, faults = read(row(**changes))
    assert entries == []
    assert {fault.row for fault in faults} == {2}
    return [(fault.column, fault.code) for fault in faults]


def test_a_row_becomes_a_request_with_its_result_and_its_acts() -> None:
    entry = only()
    assert (entry.number, entry.kind, entry.channel) == ("2023-001", ApplicantKind.NATURAL_PERSON, Channel.INTERNET)
    assert (entry.result, entry.outcome) == (ReportRow.GRANTED, ReplyKind.GRANT)
    assert entry.acts == (
        Replied(on=dt.date(2023, 3, 20)),
        Served(on=dt.date(2023, 3, 23)),
        Closed(on=dt.date(2023, 3, 30)),
    )
    assert entry.id_type is IdType.RESIDENT_ID


def test_a_request_that_was_closed_without_a_reply_stops_on_the_day_of_closing() -> None:
    entry = only(处理结果="other_no_correction", 答复日期=None, 送达日期=None, 结案日期="2023-04-01")
    assert entry.acts == (Closed(on=dt.date(2023, 4, 1)),)
    assert entry.outcome is ReplyKind.CLOSED_NO_CORRECTION


def test_a_refusal_under_article_14_leaves_reconsideration_first() -> None:
    acts = only(处理结果="denied_third_party_rights").acts
    assert acts[0] == Replied(on=dt.date(2023, 3, 20), reconsideration_first=True)


def test_a_row_without_a_result_is_an_open_request() -> None:
    entry = only(**OPEN)
    assert (entry.result, entry.outcome, entry.acts) == (None, None, ())


@pytest.mark.parametrize(
    ("column", "word", "meant"),
    [
        ("申请人类别", "natural_person", ApplicantKind.NATURAL_PERSON),
        ("申请人类别", " 法律服务 机构 ", ApplicantKind.LEGAL_SERVICE_ORG),
        ("申请人类别", "其他", ApplicantKind.OTHER_ORG),
        ("处理结果", "denied_state_secret", ReportRow.DENIED_STATE_SECRET),
        ("处理结果", "三（三）1 属于国家秘密", ReportRow.DENIED_STATE_SECRET),
        ("处理结果", "属于国家秘密", ReportRow.DENIED_STATE_SECRET),
        ("处理结果", '三(三)3 危及"三安全一稳定"', ReportRow.DENIED_SECURITY),
        ("处理结果", "三(六)3 其他", ReportRow.OTHER_OTHER),
        ("申请渠道", "ordinary_mail", Channel.ORDINARY_MAIL),
        ("申请渠道", "口头申请（工作机构代填）", Channel.ORAL),
        ("申请渠道", "EMS", Channel.REGISTERED_MAIL),
        ("申请渠道", "电子邮件", Channel.INTERNET),
    ],
)
def test_codes_labels_and_usual_words_are_understood(column: str, word: str, meant: object) -> None:
    entry = only(**{column: word})
    assert meant in {entry.kind, entry.result, entry.channel}


@pytest.mark.parametrize(
    "written",
    [
        *(
            "2023-03-02",
            "2023/3/2",
            "2023.03.02",
            "2023年3月2日",
            "20230302",
            "2023-03-02 00:00:00",
            "２０２３－０３－０２",
        ),
        *(dt.datetime(2023, 3, 2, 15, 30, tzinfo=dt.UTC), dt.date(2023, 3, 2), 20230302, " 2023 年 3 月 2 日 "),
    ],
)
def test_dates_are_read_in_the_usual_forms(written: Cell) -> None:
    assert only(收到日期=written).received_on == dt.date(2023, 3, 2)


@pytest.mark.parametrize(
    "written",
    ["23-03-02", "3/2/2023", "2023-02-30", "2023年3月", "45000", 45000, 45000.5, dt.time(9), "昨天", "2023-3/2"],
)
def test_what_is_no_date_or_more_than_one_is_not_guessed(written: Cell) -> None:
    assert wrong(收到日期=written) == [("收到日期", "not_a_date")]


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"编号": ""}, [("编号", "missing")]),
        ({"申请人": None, "申请内容": "  "}, [("申请人", "missing"), ("申请内容", "missing")]),
        ({"收到日期": "2026-03-03", **OPEN}, [("收到日期", "date_in_future")]),
        ({"收到日期": "2003-12-31"}, [("收到日期", "date_too_early")]),
        ({"答复日期": "2023-03-01", "送达日期": "", "结案日期": ""}, [("答复日期", "out_of_order")]),
        ({"送达日期": "2023-03-19"}, [("送达日期", "out_of_order")]),
        ({"结案日期": "2023-03-01"}, [("结案日期", "out_of_order")]),
        (
            {"处理结果": ""},
            [("答复日期", "open_with_date"), ("送达日期", "open_with_date"), ("结案日期", "open_with_date")],
        ),
        ({"答复日期": "", "送达日期": "", "结案日期": ""}, [("结案日期", "missing")]),
        ({"答复日期": ""}, [("答复日期", "missing")]),
        ({"申请渠道": "电报"}, [("申请渠道", "unknown_code")]),
        ({"处理结果": "三(七)总计"}, [("处理结果", "unknown_code")]),
        ({"处理结果": "一、本年新收政府信息公开申请数量"}, [("处理结果", "unknown_code")]),
        ({"申请人类别": "总计"}, [("申请人类别", "unknown_code")]),
        ({"证件号码": 110105194912310021}, [("证件号码", "digits_lost")]),
        ({"证件号码": "1.10105E+17"}, [("证件号码", "scientific")]),
        ({"联系电话": Unusable("是公式，请粘贴为数值后导入")}, [("联系电话", "unusable")]),
        ({"申请内容": dt.date(2023, 3, 2)}, [("申请内容", "not_text")]),
        ({"申请人": "张\x01三"}, [("申请人", "control_characters")]),
        ({"申请人": "张\ud800"}, [("申请人", "control_characters")]),
        ({"编号": "9" * 65}, [("编号", "too_long")]),
    ],
)
def test_every_fault_names_its_column(changes: dict[str, Cell], faults: list[tuple[str, str]]) -> None:
    assert wrong(**changes) == faults


def test_a_fault_says_the_row_the_column_and_the_reason_and_repeats_nothing() -> None:
    _, faults = read(row(申请渠道="李四"))
    assert faults[0].sentence.startswith("第2行“申请渠道”：只能是以下之一：当面提交、")
    assert "李四" not in faults[0].sentence


def test_a_number_may_stand_once_in_a_file() -> None:
    _, faults = read(row(), row(编号="2023-002"), row())
    assert [fault.sentence for fault in faults] == ["第4行“编号”：与第2行的编号相同"]


def test_blank_rows_are_passed_over_and_rows_keep_their_numbers() -> None:
    entries, faults = read(row(), [], ["", None, " "], row(编号="2"))
    assert faults == []
    assert [entry.row for entry in entries] == [2, 5]


def test_a_file_without_a_request_is_refused() -> None:
    assert [fault.code for fault in read()[1]] == ["empty"]


def test_a_cell_beyond_the_header_is_not_lost_silently() -> None:
    assert [fault.code for fault in read([*row(), "备注"])[1]] == ["too_many_cells"]


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        (list(COLUMNS), []),
        ([*reversed(COLUMNS), "", None], []),
        ([f"\ufeff {COLUMNS[0]} ", *COLUMNS[1:]], []),
        (list(COLUMNS[:-1]), ["missing_column"]),
        ([*COLUMNS, "备注"], ["unknown_column"]),
        ([*COLUMNS, "编号"], ["repeated_column"]),
        ([";".join(COLUMNS)], ["delimiter"]),
        (["\t".join(COLUMNS)], ["delimiter"]),
        (["2023年台账"], ["unknown_column", *["missing_column"] * 12]),
    ],
)
def test_the_header_must_have_the_twelve_columns_in_whatever_order(header: list[Cell], codes: list[str]) -> None:
    places, faults = ledger.read_header(header)
    assert [fault.code for fault in faults] == codes
    assert faults or set(places) == set(COLUMNS)


def test_what_is_written_is_read_as_the_same() -> None:
    entry = only(处理结果="unable_not_held", 申请渠道="fax", 申请人类别="research_institution", 联系电话=None)
    again, faults = read(list(ledger.cells(entry)))
    assert (again, faults) == ([entry], [])


def test_every_result_row_has_a_kind_of_reply_that_counts_as_it() -> None:
    for result in RESULT_ROWS:
        outcome = only(处理结果=result.value).outcome
        assert outcome is not None
        assert REPLIES[outcome].row is result
