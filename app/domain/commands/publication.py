"""What is entered about documents and their publication."""

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from app.domain.acts import LegalDay
from app.domain.application import ItemIn
from app.domain.commands.base import STRIPPED, Line, Strict, Text
from app.domain.terms import DisclosureAttribute, EvaluationSource, SuggestionOutcome

Ref = Annotated[int, Field(ge=1, le=2**53, strict=True)]
Url = Annotated[str, StringConstraints(pattern=r"^\s*https?://[!-~]+\s*$", max_length=1000), STRIPPED]

_REASONED = "不主动公开或者删减后公开的，必须说明理由"


class Attribution(Strict):
    """A disclosure attribute and why."""

    attribute: DisclosureAttribute = Field(description="公开属性", examples=["on_request"])
    reason: Text | None = Field(None, description=f"理由；{_REASONED}", examples=["内容只涉及特定相对人，按申请提供"])
    basis: Line | None = Field(None, description="法律依据", examples=["条例第27条"])

    @model_validator(mode="after")
    def _reasoned(self) -> "Attribution":
        if self.attribute is not DisclosureAttribute.PUBLISH and self.reason is None:
            raise ValueError(_REASONED)
        return self


class DocumentEntry(Attribution):
    """A document of the catalogue."""

    title: Line = Field(description="文件名称", examples=["城东片区控制性详细规划的批复"])
    document_no: Line | None = Field(None, description="文号", examples=["海政字〔2025〕12号"])
    formed_on: LegalDay | None = Field(None, description="形成或者变更之日", examples=["2025-03-12"])


class EvaluationEntry(Strict):
    """Something to be examined: what a case asked for, or a document of the catalogue."""

    source: EvaluationSource = Field(description="来源", examples=["frequency"])
    case_id: Ref | None = Field(None, description="申请这一信息的案件", examples=[1])
    document_id: Ref | None = Field(None, description="目录中的文件", examples=[None])


class EvaluationDecision(Attribution):
    """What the examination found."""

    title: Line | None = Field(None, description="文件名称；目录中没有的填写，不填则用申请的名称", examples=[None])
    document_no: Line | None = Field(None, description="文号", examples=[None])


class Publication(Strict):
    """Where and when it was published."""

    url: Url = Field(description="公开的网址", examples=["https://haizhou.example/zwgk/2026/0312.html"])
    published_on: LegalDay | None = Field(None, description="发布之日，不填即今天", examples=[None])


class Sought(Strict):
    """What somebody is about to apply for; names nobody."""

    agency_code: str = Field(max_length=64, description="受文机关", examples=["370600-GXJ"])
    items: list[ItemIn] = Field(min_length=1, max_length=50, description="拟申请的信息")


class Outcome(Strict):
    """What the applicant did with the link."""

    outcome: SuggestionOutcome = Field(description="结果", examples=["used"])
