import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.report import RESULT_ROWS, TOTAL, Cell, Check, Table3, Table4, checks, in_form_of_2019, row_labels
from app.domain.terms import ApplicantKind, RemedyOutcome, RemedyTrack, ReportForm, ReportRow

PUBLISHED: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "annual_reports.json").read_text(encoding="utf-8")
)
SUQIAN, JINHU = PUBLISHED["reports"]
R, A = ReportRow, ApplicantKind


def by_id(found: list[Check]) -> dict[str, Check]:
    return {check.id: check for check in found}


def test_keys_and_labels_are_those_of_the_published_form() -> None:
    assert list(Table3.rows) == [row["key"] for row in PUBLISHED["rows"]]
    assert list(row_labels().values()) == [row["label"] for row in PUBLISHED["rows"]]
    assert list(Table3.columns) == PUBLISHED["columns"]
    assert [*(kind.label for kind in ApplicantKind), "总计"] == PUBLISHED["column_labels"]
    assert list(Table4.rows) == list(SUQIAN["table4"])
    assert list(Table4.columns) == list(SUQIAN["table4"]["reconsideration"])


@pytest.mark.parametrize("report", PUBLISHED["reports"], ids=["suqian", "jinhu"])
def test_published_reports_fail_exactly_where_they_are_known_to_be_wrong(report: dict[str, Any]) -> None:
    found = checks(Table3.read(report["table3"]), Table4.read(report["table4"]))
    assert [check.id for check in found] == ["C1", "C2", "C3", "C4", "C7"]
    failures = [
        {"rule": f"table{cell.table}_{cell.column}", "block": cell.row, "sum": cell.expected, "printed": cell.printed}
        for check in found
        for cell in check.cells
    ]
    assert failures == report["expected_check_failures"]
    assert [check.ok for check in found] == [not check.cells for check in found]


def test_the_known_error_is_told_in_chinese() -> None:
    c4 = by_id(checks(Table3.read(JINHU["table3"]), Table4.read(JINHU["table4"])))["C4"]
    assert not c4.ok
    assert "表4“行政诉讼：未经复议直接起诉”的“总计”为0，应为3" in c4.message


@pytest.mark.parametrize("report", PUBLISHED["reports"], ids=["suqian", "jinhu"])
def test_reading_and_writing_a_published_table_changes_nothing(report: dict[str, Any]) -> None:
    assert Table3.read(report["table3"]).as_json() == report["table3"]
    assert Table4.read(report["table4"]).as_json() == report["table4"]


@pytest.mark.parametrize("report", PUBLISHED["reports"], ids=["suqian", "jinhu"])
def test_a_table_built_from_the_counts_of_a_true_report_is_that_report(report: dict[str, Any]) -> None:
    counted: list[ReportRow] = [row for row in R if row is not R.RESULT_TOTAL]
    counts = {(row, kind): report["table3"][row][kind] for row in counted for kind in A}
    assert Table3.from_counts(counts).as_json() == report["table3"]


def _next_year(carried_over: dict[str, int]) -> Table3:
    """The year after Suqian's: what was carried over was all granted."""
    moved = {(row, kind): carried_over[kind] for row in (R.CARRIED_OVER, R.GRANTED) for kind in A}
    return Table3.from_counts(moved)


def test_what_one_year_carries_forward_the_next_carries_over_column_by_column() -> None:
    previous, table4 = Table3.read(SUQIAN["table3"]), Table4.from_counts({})
    carried = SUQIAN["table3"]["carried_forward"]
    assert all(check.ok for check in checks(_next_year(carried), table4, previous))

    shifted = carried | {"natural_person": 117, "other_org": 1}
    c5 = by_id(checks(_next_year(shifted), table4, previous))["C5"]
    assert c5.cells == (
        Cell(3, "carried_over", "natural_person", 117, 118),
        Cell(3, "carried_over", "other_org", 1, 0),
    )


def test_a_summary_is_the_sum_of_its_agencies() -> None:
    one, other = _next_year(dict.fromkeys(A, 1)), _next_year(dict.fromkeys(A, 2))
    table4 = Table4.from_counts({})
    c8 = by_id(checks(_next_year(dict.fromkeys(A, 3)), table4, children=[one, other]))["C8"]
    assert c8.ok
    assert not c8.verified
    wrong = by_id(checks(one, table4, children=[one, other]))["C8"]
    assert len(wrong.cells) == 3 * 7
    assert "等21处" in wrong.message


@pytest.mark.parametrize(
    ("row", "column", "number", "broken"),
    [
        ("granted", "natural_person", 1176, {"C1", "C2"}),
        ("granted", "total", 1192, {"C1", "C2"}),
        ("result_total", "total", 3487, {"C1", "C2", "C3"}),
        ("carried_over", "other_org", 1, {"C1", "C3"}),
        ("carried_forward", "natural_person", -118, {"C1", "C3", "C7"}),
        ("denied_state_secret", "other_org", "无", {"C7"}),
        ("denied_state_secret", "other_org", 0.5, {"C7"}),
        ("denied_state_secret", "other_org", True, {"C7"}),
        ("denied_state_secret", "other_org", "", set()),
        ("denied_state_secret", "other_org", None, set()),
        ("granted", "natural_person", " 1,175 ", set()),
        ("granted", "natural_person", 1175.0, set()),
    ],
)
def test_each_rule_notices_a_single_wrong_cell(row: str, column: str, number: object, broken: set[str]) -> None:
    printed = {key: dict(cells) for key, cells in SUQIAN["table3"].items()}
    printed[row][column] = number
    found = checks(Table3.read(printed), Table4.read(SUQIAN["table4"]))
    assert {check.id for check in found if not check.ok} == broken


def test_blank_cells_and_rows_are_zero() -> None:
    assert Table3.read({}).as_json() == Table3.from_counts({}).as_json()


@pytest.mark.parametrize("printed", [{"granted_": {}}, {"granted": {"natural": 1}}])
def test_a_table_of_another_shape_is_not_read(printed: dict[str, dict[str, object]]) -> None:
    with pytest.raises(ValueError, match="表3中有1"):
        Table3.read(printed)


def test_the_total_of_results_cannot_be_counted() -> None:
    with pytest.raises(ValueError, match="各行相加"):
        Table3.from_counts({(R.RESULT_TOTAL, A.NATURAL_PERSON): 1})


def test_the_form_of_2019_has_one_row_for_other_results() -> None:
    labels = row_labels(ReportForm.TRIAL_2019)
    assert len(labels) == 23
    assert labels[R.OTHER_OTHER] == "三(六)其他处理"
    assert [row for row in R if row not in labels] == [R.OTHER_NO_CORRECTION, R.OTHER_NO_PAYMENT]
    table = Table3.read(SUQIAN["table3"])
    merged = in_form_of_2019(table)
    assert list(merged) == list(labels)
    assert merged["other_other"]["total"] == 40 + 10 + 291
    assert table["other_other", TOTAL] == 291
    assert all(check.ok for check in checks(Table3.read(merged), Table4.read(SUQIAN["table4"])))


COUNTS = st.dictionaries(
    st.tuples(st.sampled_from([row for row in R if row is not R.RESULT_TOTAL]), st.sampled_from(A)),
    st.integers(0, 5000),
)


@given(COUNTS)
def test_tables_built_from_counts_add_up(counts: dict[tuple[ReportRow, ApplicantKind], int]) -> None:
    table = Table3.from_counts(counts)
    found = by_id(checks(table, Table4.from_counts({})))
    assert found["C1"].ok
    assert found["C2"].ok
    assert table[R.RESULT_TOTAL, TOTAL] == sum(n for (row, _), n in counts.items() if row in RESULT_ROWS)


@pytest.mark.parametrize(
    ("upheld", "corrected", "other", "pending", "rate"),
    [
        (309, 17, 88, 26, Fraction(17, 414)),  # 宿迁市2023行政复议
        (0, 18, 116, 36, Fraction(18, 134)),  # 宿迁市2024：已审结134件，纠正18件
        (0, 97, 572, 0, Fraction(97, 669)),  # 杭州市2025：已审结669件，纠正97件
        (0, 0, 0, 26, None),
    ],
)
def test_the_correction_rate_counts_decided_cases_only(
    upheld: int, corrected: int, other: int, pending: int, rate: Fraction | None
) -> None:
    numbers = dict(zip(RemedyOutcome, (upheld, corrected, other, pending), strict=True))
    table = Table4.from_counts({(RemedyTrack.RECONSIDERATION, outcome): n for outcome, n in numbers.items()})
    assert table.correction_rate(RemedyTrack.RECONSIDERATION) == rate
    assert table.correction_rate(RemedyTrack.LITIGATION_DIRECT) is None


def test_litigation_is_rated_over_both_its_tracks() -> None:
    table = Table4.read(SUQIAN["table4"])
    rate = table.correction_rate(RemedyTrack.LITIGATION_DIRECT, RemedyTrack.LITIGATION_AFTER_RECONSIDERATION)
    assert rate == Fraction(1, 98)
