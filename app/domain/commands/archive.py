"""归档."""

from typing import Annotated, Literal

from pydantic import Field

from app.domain.commands.base import Command, Line

Years = Annotated[int, Field(ge=10, le=30, strict=True)]


class Archive(Command):
    action = "archive"

    volume_no: Line = Field(description="案卷号", examples=["2026-YSQ-0001"])
    retention_years: Years | Literal["permanent"] | None = Field(
        None, description="保管期限，年（10至30），或者 permanent（永久）；不填按本机关的设置", examples=[None]
    )
