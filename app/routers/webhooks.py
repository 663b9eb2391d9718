"""回调：把变动主动投递给对接方（Standard Webhooks）."""

from typing import Annotated

from fastapi import Query, Response

from app.deps import Id, PageNo, PageSize, PlainId, Reading, Write, allow
from app.domain.terms import Role, Scope, WebhookDeliveryState
from app.http.doors import Operations
from app.schemas.identity import Done
from app.schemas.webhooks import (
    NewWebhook,
    WebhookChange,
    WebhookDeliveryList,
    WebhookDeliveryOut,
    WebhookEnabling,
    WebhookOut,
    WebhookPage,
    WebhookReplay,
    WebhookReplayed,
    WebhookWithSecret,
    deliveries_out,
    webhook_out,
    webhook_with_secret,
)
from app.services import webhook_deliveries, webhooks
from app.services.desk import Desk

router = Operations(prefix="/webhooks", tags=["webhooks"])

SYSTEMS = (Role.PORTAL, Role.SCRIPT_READER)
KEEPING = allow(Role.SECURITY_ADMIN, *SYSTEMS, scope=Scope.SUBSCRIBE)
LOOKING = allow(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, *SYSTEMS, scope=Scope.SUBSCRIBE)


@router.get("", summary="查询回调列表", **LOOKING)
def list_webhooks(desk: Reading, page: PageNo = 1, size: PageSize = 50) -> WebhookPage:
    """管理员看到本机关及其下级机关的回调，接口密钥看到自己系统的，新的在前。"""
    found, total = webhooks.listing(desk, page, size)
    return WebhookPage(items=[webhook_out(row) for row in found], total=total, page=page, size=size)


@router.post("", summary="新增回调", status_code=201, response_model=WebhookWithSecret, **KEEPING)
def create_webhook(body: NewWebhook, write: Write) -> Response:
    """从现在起的事件会投递到这个地址，内容与 `GET /feed` 相同，不含个人信息。签名密钥 `whsec_…` 只在这次答复中出现。

    投递遵循 Standard Webhooks：请求头 `webhook-id`、`webhook-timestamp`、`webhook-signature`（HMAC-SHA256）。接收方须在10秒内
    以 2xx 答复；否则按5秒、20秒……直至每6小时重试，连续7天没有一次成功即停用，停用期间的事件留待启用后投递。同一案件的
    事件按先后投递；可能重复，以 `webhook-id` 去重。不跟随转向；内网地址须由运维人员事先列入。
    """
    return write.answer(
        201, lambda desk: webhook_with_secret(*webhooks.create(desk, **body.model_dump())), once=["secret"]
    )


@router.get("/{webhook_id}", summary="查看一个回调", **LOOKING)
def get_webhook(webhook_id: PlainId, desk: Reading) -> WebhookOut:
    """回调的地址、事件、进度和是否停用。"""
    return webhook_out(webhooks.one(desk, webhook_id))


@router.put("/{webhook_id}", summary="修改回调", response_model=WebhookOut, **KEEPING)
def change_webhook(webhook_id: PlainId, body: WebhookChange, write: Write) -> Response:
    """整份替换名称、地址和事件；尚未投递的也发往新地址。密钥不变。"""
    return write.answer(200, lambda desk: webhook_out(webhooks.change(desk, webhook_id, **body.model_dump())))


@router.delete("/{webhook_id}", summary="删除回调", response_model=Done, **KEEPING)
def delete_webhook(webhook_id: PlainId, write: Write) -> Response:
    """连同投递记录一并删除，不再投递。只想暂停的，请停用。"""

    def work(desk: Desk) -> Done:
        webhooks.remove(desk, webhook_id)
        return Done()

    return write.answer(200, work)


@router.post("/{webhook_id}/rotate-secret", summary="更换回调密钥", response_model=WebhookWithSecret, **KEEPING)
def rotate_webhook_secret(webhook_id: PlainId, write: Write) -> Response:
    """新密钥只在这次答复中出现。24小时内新旧两个密钥同时签名，接收方在此期间换用新密钥即不中断。"""
    return write.answer(200, lambda desk: webhook_with_secret(*webhooks.rotate(desk, webhook_id)), once=["secret"])


@router.post("/{webhook_id}/disable", summary="停用回调", response_model=WebhookOut, **KEEPING)
def disable_webhook(webhook_id: PlainId, write: Write) -> Response:
    """不再投递；停用期间的事件留待启用后投递。"""
    return write.answer(200, lambda desk: webhook_out(webhooks.disable(desk, webhook_id)))


@router.post("/{webhook_id}/enable", summary="启用回调", response_model=WebhookOut, **KEEPING)
def enable_webhook(webhook_id: PlainId, body: WebhookEnabling, write: Write) -> Response:
    """立即恢复投递，从停下的地方继续；`skip_missed` 为 true 的从现在开始。连续失败后正在等待的，也立即再试。"""
    return write.answer(200, lambda desk: webhook_out(webhooks.enable(desk, webhook_id, skip_missed=body.skip_missed)))


@router.post(
    "/{webhook_id}/test", summary="试投递一条消息", status_code=201, response_model=WebhookDeliveryOut, **KEEPING
)
def try_webhook(webhook_id: PlainId, write: Write) -> Response:
    """投递一条类型为 `webhook.test` 的消息，只试一次，停用的也可以试；结果稍后看这次投递的 `tries`。"""
    return write.answer(201, lambda desk: deliveries_out([webhook_deliveries.trial(desk, webhook_id)], [])[0])


@router.post("/{webhook_id}/replay", summary="重新投递一段事件", response_model=WebhookReplayed, **KEEPING)
def replay_webhook(webhook_id: PlainId, body: WebhookReplay, write: Write) -> Response:
    """把这一段顺序号中订阅的事件再投递一次，`webhook-id` 与原来相同。用于接收方丢失了数据的情形。"""
    return write.answer(
        200, lambda desk: WebhookReplayed(events=webhook_deliveries.replay(desk, webhook_id, body.first, body.last))
    )


@router.get("/{webhook_id}/deliveries", summary="查询投递记录", **LOOKING)
def list_webhook_deliveries(
    webhook_id: PlainId,
    desk: Reading,
    state: Annotated[WebhookDeliveryState | None, Query(description="只看这一种状态")] = None,
    before: Annotated[Id | None, Query(description="上一页给出的 next", examples=[None])] = None,
    size: PageSize = 50,
) -> WebhookDeliveryList:
    """每个事件投递到了哪一步、每一次尝试的结果，新的在前。已有结果的保留30天。不记录接收方答复的内容。"""
    found = webhook_deliveries.listing(desk, webhook_id, state, before, size)
    items = deliveries_out(found, webhook_deliveries.tries_of(desk.session, found))
    return WebhookDeliveryList(items=items, next=found[-1].id if len(found) == size else None)


@router.get("/{webhook_id}/deliveries/{delivery_id}", summary="查看一次投递", **LOOKING)
def get_webhook_delivery(webhook_id: PlainId, delivery_id: PlainId, desk: Reading) -> WebhookDeliveryOut:
    """一个事件的投递和每一次尝试的结果。"""
    found = [webhook_deliveries.one(desk, webhook_id, delivery_id)]
    return deliveries_out(found, webhook_deliveries.tries_of(desk.session, found))[0]


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay",
    summary="重新投递一个事件",
    response_model=WebhookReplayed,
    **KEEPING,
)
def replay_webhook_delivery(webhook_id: PlainId, delivery_id: PlainId, write: Write) -> Response:
    """把这个事件再投递一次，`webhook-id` 与原来相同；已经放弃的也可以。试投递请重新试。"""

    def work(desk: Desk) -> WebhookReplayed:
        sequence = webhook_deliveries.one(desk, webhook_id, delivery_id).sequence
        if sequence is None:
            return WebhookReplayed(events=0)
        return WebhookReplayed(events=webhook_deliveries.replay(desk, webhook_id, sequence, sequence))

    return write.answer(200, work)
