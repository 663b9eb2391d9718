"""受理: the rows of the first stage."""

from app.domain import commands
from app.domain.application import CONFIRMED_CHANNELS
from app.domain.machine import Guard, Step
from app.domain.terms import Doc, Role, State

confirmable = Guard(
    "receipt_needs_no_confirmation",
    "当面提交和需签收的邮寄，收到之日在登记时已经确定，无须再确认",
    lambda f: f.channel in CONFIRMED_CHANNELS,
    "条例第31条",
)
unconfirmed = Guard(
    "receipt_already_confirmed", "收到之日已经确认，不能重复确认", lambda f: f.received_on is None, "条例第31条"
)
received = Guard(
    "receipt_not_confirmed",
    "收到之日尚未确定：平常信函、互联网和传真须先与申请人“确认收到”",
    lambda f: f.received_on is not None,
    "条例第31条",
)

ROWS = (
    Step(
        "确认收到",
        commands.ConfirmReceipt,
        frozenset({State.REGISTERED}),
        None,
        frozenset({Role.INTAKE_CLERK}),
        "条例第31条",
        "登记员与申请人确认收到申请。平常信函、互联网和传真以双方确认之日为收到之日，答复期限从这一天的次日起算。",
        guards=(confirmable, unconfirmed),
        issues=frozenset({Doc.RECEIPT}),
    ),
    Step(
        "受理",
        commands.Accept,
        frozenset({State.REGISTERED}),
        State.REVIEWING,
        frozenset({Role.INTAKE_CLERK}),
        "条例第29条、第45条",
        "登记员受理申请，转入审核。申请缺少姓名、联系方式等内容的也应受理，缺项通过补正解决。",
        guards=(received,),
    ),
)
