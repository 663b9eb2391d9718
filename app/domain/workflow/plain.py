"""What rectification and complaint share: the rows of the main table that fit them, and those only they have."""

from collections.abc import Iterable
from dataclasses import replace

from app.domain import acts, commands
from app.domain.machine import ClockRule, Guard, Step
from app.domain.sending import SERVED_BY_SIGNATURE
from app.domain.terms import ReasonKind, Role, State
from app.domain.workflow import accept, archive, deliver, handle, reply, review
from app.domain.workflow.shared import DESK, day, not_drafter, not_endorser

proof_kept = Guard(
    "no_proof_of_delivery",
    "没有送达凭证，不能归档",
    lambda f: f.state is not State.DELIVERED or f.proof_of_delivery,
    "条例第45条",
    ReasonKind.DOCUMENT,
)

SIGN = Step(
    "签发",
    commands.Sign,
    frozenset({State.LEADER_REVIEW}),
    State.SIGNED,
    frozenset({Role.APPROVER}),
    "条例第41条、第45条、第47条、第51条",
    "签发人签发处理决定，系统编发文号。签发人不能是经办过本案的人或者科室审核人；签发后内容不再改动。",
    guards=(not_drafter, not_endorser),
)
DELIVER = Step(
    "发出处理决定",
    commands.Deliver,
    frozenset({State.SIGNED}),
    State.DELIVERING,
    DESK,
    "条例第41条、第45条、第47条、第51条",
    "把处理结果告知申请人。邮寄须通过邮政企业；电子送达须经申请人同意。",
    checks=(deliver.posted_by_post_office, deliver.electronic_by_consent, deliver.not_before_signing),
    clock=ClockRule(
        "以发出之日为办结日；当面领取和查阅以签收之日为准",
        lambda f, c: () if c.method in SERVED_BY_SIGNATURE or f.made(acts.Replied) else (acts.Replied(on=day(c)),),
    ),
)
CONFIRM_DELIVERY = Step(
    "登记送达",
    commands.ConfirmDelivery,
    frozenset({State.DELIVERING}),
    State.DELIVERED,
    DESK | {Role.PORTAL},
    "条例第45条、国办公开办函〔2016〕235号",
    "登记申请人收到处理决定之日和送达凭证。",
    clock=ClockRule(
        "登记送达日；当面领取和查阅的，同时以签收之日为办结日",
        lambda f, c: (
            (acts.Served(on=day(c)),) if f.made(acts.Replied) else (acts.Replied(on=day(c)), acts.Served(on=day(c)))
        ),
    ),
)

_MAIN = {
    step.command: step for step in (*accept.ROWS, *review.ROWS, *handle.ROWS, *reply.ROWS, *deliver.ROWS, *archive.ROWS)
}
ARCHIVE = replace(_MAIN[commands.Archive], guards=(proof_kept,), issues=frozenset())


def taken_over(states: Iterable[State], *kinds: type[commands.Command]) -> tuple[Step, ...]:
    """Give rows of the main table to a workflow that has only these states.

    They issue no documents there: the templates speak of a request for government information.
    """
    known = frozenset(states)
    return tuple(replace(_MAIN[kind].within(known), issues=frozenset()) for kind in kinds)
