"""投诉举报: the table of a complaint to the superior agency or the supervising department (条例第47条第2款、第51条)."""

from dataclasses import replace

from app.domain import commands
from app.domain.machine import Check, Guard, Step
from app.domain.terms import ComplaintOutcome, Doc, Role, State
from app.domain.workflow.plain import ARCHIVE, CONFIRM_DELIVERY, DELIVER, SIGN, taken_over
from app.domain.workflow.reply import own_case
from app.domain.workflow.shared import DESK

STATES = frozenset(State) - {State.AWAITING_CORRECTION, State.AWAITING_PAYMENT, State.SECTION_REVIEW}

SUPERVISORS = frozenset({Role.AGENCY_SUPERVISOR, Role.CITY_SUPERVISOR})
"""Who handles a complaint: the supervising department, not the agency's own handlers."""

stands_above = Check(
    "not_our_subordinate",
    "被投诉的机关不是本机关的下级，不能由本机关督促整改、通报批评或者认定不成立；应当转有权机关处理",
    lambda f, c: f.supervises or c.outcome is ComplaintOutcome.TRANSFERRED,
    "条例第47条第2款、第51条",
)
demand_made = Guard(
    "nothing_demanded",
    "没有提出过整改要求，无须登记整改情况",
    lambda f: (concluded := f.last(commands.ConcludeComplaint)) is not None and concluded.demand is not None,
    "条例第47条第2款",
)


def _by_supervisors(step: Step) -> Step:
    """Let supervisors do at a complaint what handlers do at a request."""
    return replace(step, roles=(step.roles - {Role.HANDLER}) | SUPERVISORS)


ROWS = (
    *taken_over(STATES, commands.ConfirmReceipt),
    *(
        _by_supervisors(step)
        for step in taken_over(
            STATES,
            commands.Accept,
            commands.Assign,
            commands.Withdraw,
            commands.Reassign,
            commands.AskAssistance,
            commands.RecordContact,
        )
    ),
    Step(
        "作出投诉处理意见",
        commands.ConcludeComplaint,
        frozenset({State.HANDLING}),
        State.LEADER_REVIEW,
        SUPERVISORS,
        "条例第47条第2款、第51条",
        "督办人核查被投诉的行为，写明督促整改、通报批评、不成立或者转办的意见，送签发。",
        guards=(own_case,),
        checks=(stands_above,),
    ),
    *taken_over(STATES, commands.ReturnDraft),
    replace(SIGN, issues=frozenset({Doc.COMPLAINT})),
    _by_supervisors(DELIVER),
    *(_by_supervisors(step) for step in taken_over(STATES, commands.RecordReturn)),
    _by_supervisors(CONFIRM_DELIVERY),
    Step(
        "登记整改情况",
        commands.RecordFollowUp,
        frozenset({State.SIGNED, State.DELIVERING, State.DELIVERED}),
        None,
        SUPERVISORS | (DESK - {Role.HANDLER}),
        "条例第47条第2款",
        "登记被投诉机关的整改情况。",
        guards=(demand_made,),
    ),
    ARCHIVE,
)
