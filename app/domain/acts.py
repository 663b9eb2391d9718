"""The acts that move the legal clock: what happened on which legal day, one frozen model per act.

An act is at once an item of the preview's request body, an entry of the case's clock journal and the input of the fold.
`on` is always the legal day of the act in Asia/Shanghai (posted, signed for, sent), never the day somebody typed it in.
A delivery learnt later is an act of its own (`correction_delivered`, `consultation_delivered`, `fee_delivered`,
`reasons_delivered`); where it is known at once, `delivered_on` says the same.

Acts of one day are read in the order of `ORDER`: what is asked before what is answered, a new base before an
extension (so an extension of that day belongs to the new period), a reply last. The order of recording never matters.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field

from app.domain.shape import Shape
from app.domain.terms import ConsultationKind


def _plain_date(value: object) -> object:
    """A number or an instant is not a legal day: pydantic would quietly turn both into one."""
    if (
        isinstance(value, datetime)
        or not isinstance(value, date | str)
        or (isinstance(value, str) and len(value) != 10)
    ):
        raise ValueError("日期应当写成 YYYY-MM-DD")
    return value


def _written_moment(value: object) -> object:
    """Take no number either, which pydantic would read as seconds since 1970."""
    if isinstance(value, datetime | str):
        return value
    raise ValueError("时间应当写成 2026-11-20T16:30:00+08:00")


def _conceivable(value: datetime) -> datetime:
    """Keep off the ends of the calendar, where a change of time zone leaves it."""
    if not 2000 <= value.year <= 2100:
        raise ValueError("年份有误")
    return value


LegalDay = Annotated[date, BeforeValidator(_plain_date)]
Moment = Annotated[AwareDatetime, AfterValidator(_conceivable), BeforeValidator(_written_moment)]
Ref = Annotated[str, Field(min_length=1, max_length=64, description="同一案件内区分各次征求意见的编号")]
Workdays = Annotated[int, Field(ge=1, le=1000, strict=True)]


class _Act(Shape):
    model_config = ConfigDict(frozen=True, extra="forbid")

    on: LegalDay = Field(description="该行为的法定日期")


class Received(_Act):
    """收到申请（条例第31条）"""

    act: Literal["received"] = "received"


class CorrectionRequested(_Act):
    """发出补正告知书（条例第30条）"""

    act: Literal["correction_requested"] = "correction_requested"
    delivered_on: LegalDay | None = Field(None, description="申请人收到之日")
    reply_within_workdays: Workdays | None = Field(None, description="机关指定的合理补正期限（工作日）")


class CorrectionDelivered(_Act):
    """申请人收到补正告知书"""

    act: Literal["correction_delivered"] = "correction_delivered"


class CorrectionReceived(_Act):
    """收到补正后的申请，答复期限重新起算（条例第30条）"""

    act: Literal["correction_received"] = "correction_received"


class ConsultationSent(_Act):
    """发出征求意见书（条例第32条、第33条第3款、第34条）"""

    act: Literal["consultation_sent"] = "consultation_sent"
    ref: Ref
    kind: ConsultationKind
    delivered_on: LegalDay | None = Field(None, description="被征求意见方收到之日")


class ConsultationDelivered(_Act):
    """被征求意见方收到征求意见书"""

    act: Literal["consultation_delivered"] = "consultation_delivered"
    ref: Ref


class ConsultationAnswered(_Act):
    """收到被征求意见方的意见"""

    act: Literal["consultation_answered"] = "consultation_answered"
    ref: Ref


class Extended(_Act):
    """批准延长并告知申请人（条例第33条第2款）"""

    act: Literal["extended"] = "extended"
    workdays: Workdays = Field(description="延长的工作日数")


class FeeNotified(_Act):
    """发出收费通知（《政府信息公开信息处理费管理办法》）"""

    act: Literal["fee_notified"] = "fee_notified"
    delivered_on: LegalDay | None = Field(None, description="申请人收到之日")


class FeeDelivered(_Act):
    """申请人收到收费通知"""

    act: Literal["fee_delivered"] = "fee_delivered"


class FeePaid(_Act):
    """申请人缴清信息处理费，答复期限自次日重新计算"""

    act: Literal["fee_paid"] = "fee_paid"


class ReasonsRequested(_Act):
    """要求申请人说明理由（条例第35条）"""

    act: Literal["reasons_requested"] = "reasons_requested"
    delivered_on: LegalDay | None = Field(None, description="申请人收到之日")
    reply_within_workdays: Workdays | None = Field(None, description="机关指定的说明期限（工作日）")


class ReasonsDelivered(_Act):
    """申请人收到说明理由告知书（条例第35条）"""

    act: Literal["reasons_delivered"] = "reasons_delivered"


class ReasonsReceived(_Act):
    """收到申请人说明的理由（条例第35条）"""

    act: Literal["reasons_received"] = "reasons_received"


class ExcessivePeriodSet(_Act):
    """确定延迟答复的合理期限并告知（条例第35条）"""

    act: Literal["excessive_period_set"] = "excessive_period_set"
    due_on: LegalDay = Field(description="延迟答复的期限届满之日")
    basis: str = Field(min_length=1, max_length=2000, description="确定该期限的依据")


class Replied(_Act):
    """作出并发出答复"""

    act: Literal["replied"] = "replied"
    reconsideration_first: bool = Field(default=False, description="依行政复议法第23条须先申请复议")


class Served(_Act):
    """答复送达申请人，救济期限自次日起算"""

    act: Literal["served"] = "served"


class ReconsiderationDecided(_Act):
    """申请人收到行政复议决定书（行政诉讼法第45条）"""

    act: Literal["reconsideration_decided"] = "reconsideration_decided"


class Closed(_Act):
    """不再处理、结案"""

    act: Literal["closed"] = "closed"


class Withdrawn(_Act):
    """申请人撤回申请"""

    act: Literal["withdrawn"] = "withdrawn"


Act = Annotated[
    Received
    | CorrectionRequested
    | CorrectionDelivered
    | CorrectionReceived
    | ConsultationSent
    | ConsultationDelivered
    | ConsultationAnswered
    | Extended
    | FeeNotified
    | FeeDelivered
    | FeePaid
    | ReasonsRequested
    | ReasonsDelivered
    | ReasonsReceived
    | ExcessivePeriodSet
    | Replied
    | Served
    | ReconsiderationDecided
    | Closed
    | Withdrawn,
    Field(discriminator="act"),
]

_SEQUENCE: tuple[type[_Act], ...] = (
    Received,
    CorrectionRequested,
    CorrectionDelivered,
    CorrectionReceived,
    FeeNotified,
    FeeDelivered,
    FeePaid,
    ReasonsRequested,
    ReasonsDelivered,
    ReasonsReceived,
    ConsultationSent,
    ConsultationDelivered,
    ConsultationAnswered,
    Extended,
    ExcessivePeriodSet,
    Replied,
    Served,
    Closed,
    Withdrawn,
    ReconsiderationDecided,
)
ORDER: dict[type[_Act], int] = {kind: place for place, kind in enumerate(_SEQUENCE)}


def chronological(act: Act) -> tuple[date, int, str]:
    """The sort key of an act: its legal day, its place within that day, and its `ref` so that no tie is left."""
    # Not getattr: pydantic takes longer to say that there is no such field than the whole sorting lasts.
    return act.on, ORDER[type(act)], act.__dict__.get("ref", "")
