"""Rows of the journal as the audit administrator reads them, and the public key that extracts and checkpoints are tested with."""

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from app.domain.shape import Shape
from app.services.checkpoints import Signer, fingerprint
from app.services.journal_reading import Page


class JournalKey(Shape):
    """公钥：检验日志摘录和检查点的签名."""

    algorithm: Literal["Ed25519"]
    public_key: str = Field(description="公钥，base64")
    fingerprint: str = Field(description="公钥的指纹，供人核对")


def journal_key(seed: bytes) -> JournalKey:
    key = Signer(seed).public_key
    return JournalKey(algorithm="Ed25519", public_key=key, fingerprint=fingerprint(key))


class JournalRow(Shape):
    """日志的一行：谁在什么时候对什么做了什么；不含案件中的文字."""

    sequence: int | None = Field(description="顺序号；刚发生、还没有编号封存的为空")
    at: dt.datetime = Field(description="记录的时间")
    on: dt.date = Field(description="操作的法定日期")
    act: str = Field(description="操作代码")
    label: str = Field(description="操作")
    actor: str = Field(description="操作人的登录名，接口密钥为 key: 加前缀；未登录的为 unknown")
    actor_label: str = Field(description="操作人")
    agency_code: str = Field(description="机关代码")
    case_id: int | None = Field(description="案件的 id；与案件无关的为空")
    data: dict[str, Any] = Field(description="代码、编号和日期；与案件有关的，只有查看的是哪个栏目、哪个文件")


class JournalPage(Shape):
    items: list[JournalRow]
    next: str | None = Field(description="取下一页的游标；没有更多时为空")


SHOWN_OF_CASES = frozenset({"field", "document_id", "attachment_id", "paper_id", "form"})
"""What is shown of the data of a row of a case: what somebody was shown or given, and nothing of its course."""


def journal_page(page: Page) -> JournalPage:
    items = []
    for row in page.items:
        entry, data = row.entry, row.entry.data
        if entry.case_id is not None:
            data = {name: value for name, value in data.items() if name in SHOWN_OF_CASES}
        items.append(
            JournalRow(
                sequence=row.sequence,
                at=entry.at,
                on=entry.on,
                act=entry.act,
                label=entry.label,
                actor=entry.actor,
                actor_label=entry.actor_label,
                agency_code=row.agency_code,
                case_id=entry.case_id,
                data=data,
            )
        )
    return JournalPage(items=items, next=page.next)
