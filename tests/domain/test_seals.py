"""The marks of many rows at once are those that each would get alone."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.domain import seals
from app.domain.terms import State

KEY = b"of the service"


@dataclass
class Row:
    agency_id: int = 7
    case_id: int | None = 9_007_199_254_740_991
    act: str = "deadline_moved"
    label: str = '期限“随”\\u0000工作{日历}变动\n"'
    actor: str = "case_id"
    actor_label: str = "登记员甲 <agency_id>"
    on: dt.date = dt.date(2026, 12, 31)
    at: dt.datetime = dt.datetime(2026, 12, 31, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    state: str | None = "handling"
    data: dict[str, Any] = field(default_factory=dict)
    private_sealed: str | None = None
    mark: str = ""


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(
    ("agency_id", "case_id", "data"),
    [
        (1, 1, {}),
        (300, 1_000_000, {"due_on": {"from": "2027-02-04", "to": "2027-02-05"}, "source": "国办发“2026”"}),
        (2**40, 2**53 - 1, {"n": 5.0, "none": None, "list": [1, "二"]}),
    ],
)
def test_a_mark_made_for_many_is_the_mark_of_the_row(
    state: State, agency_id: int, case_id: int, data: dict[str, Any]
) -> None:
    same = Row()
    varying = dict.fromkeys(("agency_id", "case_id", "state"))
    marker = seals.Marker(KEY, {**vars(same), **varying})
    row, nonce, digest = Row(agency_id, case_id, state=state.value, data=data), "0" * 31 + "f", seals.data_digest(data)
    row.mark = marker.mark(nonce, agency_id=agency_id, case_id=case_id, state=state.value, data_sha256=digest)
    assert row.mark == seals.mark_of(KEY, row, nonce)
    assert seals.is_marked(KEY, row)
