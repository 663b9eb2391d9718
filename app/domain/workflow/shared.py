"""What rows of several stages share: who sits at the desk, which states are still open, how a day is compared."""

import datetime as dt
from dataclasses import replace

from app.domain import checks, commands
from app.domain.facts import Facts
from app.domain.machine import Check, Guard
from app.domain.terms import CheckCode, CheckGate, ClockState, Role, State

DESK = frozenset({Role.INTAKE_CLERK, Role.HANDLER})

BEFORE_SENDING = frozenset(
    {
        State.REVIEWING,
        State.AWAITING_CORRECTION,
        State.HANDLING,
        State.AWAITING_PAYMENT,
        State.SECTION_REVIEW,
        State.LEADER_REVIEW,
        State.SIGNED,
    }
)
"""Accepted and not yet answered."""

IN_HAND = frozenset({State.HANDLING, State.SECTION_REVIEW, State.LEADER_REVIEW, State.SIGNED})
"""Somebody works on the answer."""

not_future = Check("date_in_future", "行为日期不能晚于今天", lambda f, c: c.on <= f.today)
not_before_receipt = Check(
    "date_before_receipt",
    "行为日期不能早于申请提交或者收到之日",
    lambda f, c: c.on >= (f.received_on or f.submitted_on),
)
_DRAFTING = (commands.Submit, commands.DecideRectification, commands.ConcludeComplaint)


def handled_by(facts: Facts) -> frozenset[str]:
    """Everybody who has had the case in hand: was given it, drafted for it, however long ago (条例第45条)."""
    given = {
        past.command.handler for past in facts.past if isinstance(past.command, commands.Assign | commands.Reassign)
    }
    drafted = {past.actor for past in facts.past if isinstance(past.command, _DRAFTING)}
    return frozenset(who for who in (facts.handler, facts.drafter, *given, *drafted) if who)


def reviewed_by(facts: Facts) -> frozenset[str]:
    """Everybody who has passed a draft of the case as its reviewer."""
    return frozenset(who for who in (facts.endorser, *_actors(facts, commands.Endorse)) if who)


def approved_by(facts: Facts) -> frozenset[str]:
    """Everybody who has decided on the case as its approver."""
    return _actors(facts, commands.Sign, commands.Override)


def _actors(facts: Facts, *kinds: type[commands.Command]) -> frozenset[str]:
    return frozenset(past.actor for past in facts.past if isinstance(past.command, kinds))


not_drafter = Guard(
    "drafter_cannot_review",
    "经办过本案、拟过稿的人不能审核或者签发本案的答复稿",
    lambda f: f.actor not in handled_by(f),
    "条例第45条",
)
not_endorser = Guard(
    "reviewer_cannot_sign",
    "科室审核人不能签发、放行自己审核过的案件",
    lambda f: f.actor not in reviewed_by(f),
    "条例第45条",
)
not_approver = Guard(
    "approver_cannot_review",
    "放行、签发过本案的人不能再作科室审核",
    lambda f: f.actor not in approved_by(f),
    "条例第45条",
)
nobody_who_judged = Check(
    "judge_cannot_handle",
    "审核、退回、放行或者签发过本案的人不能作本案经办人",
    lambda f, c: c.handler not in reviewed_by(f) | approved_by(f) | _actors(f, commands.ReturnDraft),
    "条例第45条",
)


JUDGED_BY_ITS_DAY = frozenset({CheckCode.K01})
"""Checks that ask on which day the act was done, which only the command says."""

JUDGED_AT_ONCE = frozenset(CheckCode) - JUDGED_BY_ITS_DAY
"""Checks the case as it stands can answer."""


def late_and_not_let_pass(facts: Facts, command: commands.Command, gate: CheckGate) -> list[str]:
    """Say that an act comes after the limit, by its legal day and not by the day of typing (条例第33条)."""
    return checks.blockers(replace(facts, today=day(command)), gate, JUDGED_BY_ITS_DAY)


def day(command: commands.Command) -> dt.date:
    """Return the command's legal day, which the machine has filled in."""
    assert command.on is not None, "the machine fills in today's date before it asks"
    return command.on


def lapsed(facts: Facts, on: dt.date | None = None) -> bool:
    """Tell whether the applicant's own period had run out on a day (today unless given)."""
    reading = facts.reading_on(on or facts.today)
    return reading is not None and reading.clock is ClockState.ABANDONED
