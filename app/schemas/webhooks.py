"""Webhooks: bodies taken and answers given."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.domain.commands import Line, Strict
from app.domain.shape import Shape
from app.domain.terms import WebhookDeliveryState, WebhookFailure, WebhookStop
from app.domain.webhooks import PATTERN, message_id
from app.models import Webhook, WebhookDelivery, WebhookTry
from app.schemas.identity import AgencyCode
from app.services.desk import SHANGHAI

REPLAYED = 1000


def _once_each(patterns: list[str]) -> list[str]:
    return [*dict.fromkeys(patterns)]


Patterns = Annotated[
    list[Annotated[str, StringConstraints(pattern=PATTERN)]],
    Field(
        min_length=1,
        max_length=50,
        description="要哪些事件：`*` 全部，`case.*` 案件的全部，`case.accept` 一种；类型与 GET /feed 的 type 相同",
        examples=[["case.*"]],
    ),
    AfterValidator(_once_each),
]
Address = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        description="接收地址，须为 https",
        examples=["https://portal.example.gov.cn/hook"],
    ),
]
Sequence_ = Annotated[int, Field(ge=1, le=2**53, strict=True)]


class WebhookChange(Strict):
    label: Line = Field(description="给哪个系统、做什么用", examples=["市政府门户网站"])
    url: Address
    events: Patterns


class NewWebhook(WebhookChange):
    agency_code: AgencyCode | None = Field(
        None,
        description="管理员填写：为哪个机关订阅，含其下级机关；接口密钥只为自己订阅，不填",
        examples=["370600-GXJ"],
    )


class WebhookEnabling(Strict):
    skip_missed: bool = Field(False, description="不再投递停用期间的事件，从现在开始")


class WebhookReplay(Strict):
    first: Sequence_ = Field(description="从哪一号起", examples=[1])
    last: Sequence_ = Field(description=f"到哪一号止，一次最多{REPLAYED}号", examples=[1])

    @model_validator(mode="after")
    def _span(self) -> Self:
        if not self.first <= self.last < self.first + REPLAYED:
            raise ValueError(f"last 不小于 first，一次最多{REPLAYED}号")
        return self


class WebhookOut(Shape):
    id: int
    label: str
    url: str
    events: list[str]
    agency_code: str
    system: str | None = Field(description="由哪个系统的接口密钥订阅；管理员订阅的为空")
    cursor: int = Field(description="到这个顺序号为止的事件已经列入投递")
    disabled_at: dt.datetime | None
    disabled_why: WebhookStop | None
    disabled_why_label: str | None
    failures: int = Field(description="连续失败的次数")
    failing_since: dt.datetime | None = Field(description="从什么时候起没有一次成功")
    rests_until: dt.datetime | None = Field(description="连续失败后，下一次尝试的时间")
    former_secret_until: dt.datetime | None = Field(description="原密钥到什么时候为止同时签名；没有原密钥为空")
    created_by: str
    created_at: dt.datetime


class WebhookWithSecret(WebhookOut):
    secret: str | None = Field(description="签名密钥，只在这里出现一次；重试同一幂等键时为空")


class WebhookPage(Shape):
    items: list[WebhookOut]
    total: int
    page: int
    size: int


class WebhookTryOut(Shape):
    """一次投递的结果."""

    at: dt.datetime
    status: int | None = Field(description="接收方答复的状态码；没有答复为空")
    failure: WebhookFailure | None = Field(description="失败的原因；成功为空")
    failure_label: str | None
    took_ms: int = Field(description="用了多少毫秒")


class WebhookDeliveryOut(Shape):
    id: int
    message_id: str = Field(description="请求头 webhook-id：同一事件无论投递几次都相同")
    sequence: int | None = Field(description="事件的顺序号；试投递为空")
    type: str
    state: WebhookDeliveryState
    state_label: str
    due_at: dt.datetime | None = Field(description="下一次尝试不早于；已有结果的为空")
    created_at: dt.datetime
    settled_at: dt.datetime | None = Field(description="投递成功或者放弃的时间")
    tries: list[WebhookTryOut] = Field(description="每一次尝试，先后为序")


class WebhookDeliveryList(Shape):
    items: list[WebhookDeliveryOut]
    next: int | None = Field(description="下一页的 before；没有下一页为空")


class WebhookReplayed(Shape):
    events: int = Field(description="重新列入投递的事件数")


def webhook_out(row: Webhook) -> WebhookOut:
    return WebhookOut(**_shown(row))


def webhook_with_secret(row: Webhook, secret: str) -> WebhookWithSecret:
    return WebhookWithSecret(**_shown(row), secret=secret)


def _shown(row: Webhook) -> dict[str, Any]:
    return {
        "id": row.id,
        "label": row.label,
        "url": row.url,
        "events": row.events,
        "agency_code": row.agency.code,
        "system": row.system,
        "cursor": row.cursor,
        "disabled_at": _local(row.disabled_at),
        "disabled_why": row.disabled_why,
        "disabled_why_label": row.disabled_why.label if row.disabled_why else None,
        "failures": row.failures,
        "failing_since": _local(row.failing_since),
        "rests_until": _local(row.rests_until),
        "former_secret_until": _local(row.former_until),
        "created_by": row.created_by,
        "created_at": _local(row.created_at),
    }


def deliveries_out(rows: Sequence[WebhookDelivery], tries: Sequence[WebhookTry]) -> list[WebhookDeliveryOut]:
    of: dict[int, list[WebhookTry]] = defaultdict(list)
    for one in tries:
        of[one.delivery_id].append(one)
    return [_delivery(row, of[row.id]) for row in rows]


def _delivery(row: WebhookDelivery, tries: Sequence[WebhookTry]) -> WebhookDeliveryOut:
    return WebhookDeliveryOut(
        id=row.id,
        message_id=message_id(row.webhook_id, row.sequence, row.id),
        sequence=row.sequence,
        type=row.type,
        state=row.state,
        state_label=row.state.label,
        due_at=_local(row.due_at) if row.state is WebhookDeliveryState.PENDING else None,
        created_at=row.created_at.astimezone(SHANGHAI),
        settled_at=_local(row.settled_at),
        tries=[
            WebhookTryOut(
                at=one.at.astimezone(SHANGHAI),
                status=one.status,
                failure=one.failure,
                failure_label=one.failure.label if one.failure else None,
                took_ms=one.took_ms,
            )
            for one in tries
        ],
    )


def _local(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.astimezone(SHANGHAI) if moment else None
