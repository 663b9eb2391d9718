"""受理: confirming receipt and accepting."""

from pydantic import Field

from app.domain.commands.base import Command, Line


class ConfirmReceipt(Command):
    action = "confirm_receipt"

    note: Line | None = Field(
        None, description="与申请人确认的经过，如联系方式、联系人", examples=["电话联系申请人，双方确认收到"]
    )


class Accept(Command):
    action = "accept"

    note: Line | None = Field(None, description="受理说明", examples=["要件齐全，予以受理"])
