"""更正: the table of a request to correct a record about the applicant himself (条例第41条)."""

from dataclasses import replace

from app.domain import commands
from app.domain.machine import Step
from app.domain.terms import Doc, Role, State
from app.domain.workflow.plain import ARCHIVE, CONFIRM_DELIVERY, DELIVER, SIGN, taken_over
from app.domain.workflow.reply import own_case

STATES = frozenset(State) - {State.AWAITING_CORRECTION, State.AWAITING_PAYMENT}

ROWS = (
    *taken_over(
        STATES,
        commands.ConfirmReceipt,
        commands.Accept,
        commands.Assign,
        commands.Withdraw,
        commands.Reassign,
        commands.AskAssistance,
        commands.RecordContact,
    ),
    Step(
        "作出更正处理意见",
        commands.DecideRectification,
        frozenset({State.HANDLING}),
        State.SECTION_REVIEW,
        frozenset({Role.HANDLER}),
        "条例第41条",
        "经办人核实申请人的证据，写明是否更正、理由和依据，送科室审核。不属本机关职能的，转送有权机关并告知，或者告知向其提出。",
        guards=(own_case,),
    ),
    *taken_over(STATES, commands.Endorse, commands.ReturnDraft),
    replace(SIGN, issues=frozenset({Doc.RECTIFICATION})),
    DELIVER,
    *taken_over(STATES, commands.RecordReturn),
    CONFIRM_DELIVERY,
    ARCHIVE,
)
