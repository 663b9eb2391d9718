"""What an agency may set for itself: limits stricter than the law, numbers of documents, readings the law leaves open."""

from typing import Annotated

from pydantic import Field, field_validator

from app.domain.clock import ClockRules, OpenReadings
from app.domain.commands import Strict


class AgencySettings(Strict):
    """Local variation is data read into the facts, never a second workflow."""

    local_limit_workdays: Annotated[int, Field(ge=1, le=20, strict=True)] | None = Field(
        None, description="内控答复期限，工作日；不填则只按法定的20个工作日"
    )
    document_no: str = Field(
        "依申请复〔{year}〕{seq}号", max_length=60, description="发文号模板，含 {year} 和 {seq}；年内连续，不重复使用"
    )
    readings: OpenReadings = Field(default_factory=OpenReadings, description="法律没有明文的计算口径")

    @field_validator("document_no")
    @classmethod
    def _numbered(cls, value: str) -> str:
        try:
            value.format(year=2026, seq=1)
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError("发文号模板只能使用 {year} 和 {seq}") from error
        if "{year}" not in value or "{seq}" not in value:
            raise ValueError("发文号模板须含 {year} 和 {seq}")
        return value

    def clock_rules(self) -> ClockRules:
        return ClockRules(local_limit=self.local_limit_workdays, readings=self.readings)
