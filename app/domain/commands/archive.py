"""归档."""

from typing import Annotated

from pydantic import Field

from app.domain.commands.base import Command, Line


class Archive(Command):
    action = "archive"

    volume_no: Line = Field(description="案卷号", examples=["2026-YSQ-0001"])
    retention_years: Annotated[int, Field(ge=10, le=30, strict=True)] | None = Field(
        10, description="保管期限，年；不填为永久", examples=[10]
    )
