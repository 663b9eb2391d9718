"""Whose turn it is: complete over every state, and dates as a clerk reads them."""

import datetime as dt

import pytest

from app.domain import worklist
from app.domain.days import dated
from app.domain.terms import CaseKind, State
from app.domain.workflow import WORKFLOWS


@pytest.mark.parametrize("kind", CaseKind)
def test_somebody_has_the_turn_in_every_state_a_case_can_be_in(kind: CaseKind) -> None:
    workflow = WORKFLOWS[kind]
    idle = [
        state for state in State if state in workflow.states - workflow.ends and not worklist.main_line(kind, state)
    ]
    assert idle == []
    assert all(worklist.main_line(kind, end) == () for end in workflow.ends)


@pytest.mark.parametrize("kind", CaseKind)
def test_the_main_line_leads_from_registration_to_the_archive(kind: CaseKind) -> None:
    workflow = WORKFLOWS[kind]
    reached, state = [workflow.start], workflow.start
    while state not in workflow.ends:
        onward = [s.target for s in worklist.main_line(kind, state) if s.target and s.target is not state]
        state = onward[0]
        assert state not in reached, f"{kind}: round and round at {state}"
        reached.append(state)
    assert reached[-1] is State.ARCHIVED


@pytest.mark.parametrize(
    ("day", "left", "standing", "said"),
    [
        ("2026-10-22", 9, False, "2026-10-22 星期四，还有9个工作日"),
        ("2026-10-10", 0, False, "2026-10-10 星期六，今天到期"),
        ("2026-10-11", 0, False, "2026-10-11 星期日，到期前没有工作日了"),
        ("2026-10-09", -1, False, "2026-10-09 星期五，已超过1个工作日"),
        ("2026-10-22", 12, True, "2026-10-22 星期四，停止计时，还剩12个工作日"),
        ("2026-10-22", None, False, "2026-10-22 星期四"),
    ],
)
def test_a_date_is_written_with_its_weekday_and_what_is_left(
    day: str, left: int | None, standing: bool, said: str
) -> None:
    assert dated(dt.date.fromisoformat(day), dt.date(2026, 10, 10), left, standing=standing) == said
