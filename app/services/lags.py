"""How far the jobs are behind: rows of the journal without a number, events that receivers have not got."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.terms import WebhookDeliveryState, WebhookStop
from app.models import JournalEntry, Unsealed, Webhook, WebhookDelivery
from app.services import sealing

PATIENCE = dt.timedelta(minutes=1)  # sealing takes a second
WEBHOOKS = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Lags:
    """Counts and ages in seconds as of now; an age is 0 when nothing waits."""

    sealed: int  # the newest number
    unsealed: int
    unsealed_s: float
    refused: int  # rows that the service did not write
    deliveries: int  # to receivers that are not disabled
    deliveries_s: float
    disabled: int  # receivers that were not disabled by hand


def measure(session: Session, now: dt.datetime) -> Lags:
    """Look at what waits, of all agencies: the session must see them all (`db.everywhere`)."""
    waiting = select(func.count(), func.min(Unsealed.entry_id)).where(~Unsealed.refused)
    unsealed, first = session.execute(waiting).one()
    oldest = session.scalar(select(JournalEntry.at).where(JournalEntry.id == first)) if first else None
    refused = session.scalar(select(func.count()).select_from(Unsealed).where(Unsealed.refused)) or 0
    pending = (
        select(func.count(), func.min(WebhookDelivery.created_at))
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(WebhookDelivery.state == WebhookDeliveryState.PENDING, Webhook.disabled_at.is_(None))
    )
    deliveries, since = session.execute(pending).one()
    stopped = select(func.count()).select_from(Webhook)
    stopped = stopped.where(Webhook.disabled_at.is_not(None), Webhook.disabled_why != WebhookStop.BY_HAND)
    return Lags(
        sealed=sealing.newest(session),
        unsealed=unsealed,
        unsealed_s=_age(oldest, now),
        refused=refused,
        deliveries=deliveries,
        deliveries_s=_age(since, now),
        disabled=session.scalar(stopped) or 0,
    )


def warnings(session: Session, now: dt.datetime) -> list[str]:
    """Say in Chinese what somebody has to see to."""
    found, lags = [], measure(session, now)
    if lags.unsealed_s > PATIENCE.total_seconds():
        found.append(
            f"{lags.unsealed}行日志尚未编号封存，最早的已等待{_said(lags.unsealed_s)}：变动推送停滞，请检查后台工作（work）是否在运行"
        )
    if lags.refused:
        found.append(f"{lags.refused}行日志不是本服务写入的，没有编号：请运行 python -m app verify journal 查明")
    if lags.deliveries_s > WEBHOOKS.total_seconds():
        found.append(f"{lags.deliveries}个事件尚未投递给回调的接收方，最早的已等待{_said(lags.deliveries_s)}")
    if lags.disabled:
        found.append(f"{lags.disabled}个回调因接收方持续失败、拒收或者密钥失效已自动停用：请与接收方联系后启用或者删除")
    return found


def _age(moment: dt.datetime | None, now: dt.datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


def _said(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes}分钟" if minutes < 120 else f"{minutes // 60}小时"
