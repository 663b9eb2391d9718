"""What supervisors enter, and what agencies answer."""

from typing import Annotated

from pydantic import Field

from app.domain.acts import LegalDay
from app.domain.commands.base import Line, Strict, Text
from app.domain.terms import FollowUpStatus, Mark, ProblemSource, RectificationStatus, UnderlyingProblem

CaseRef = Annotated[int, Field(ge=1, le=2**53, strict=True)]


class Demand(Strict):
    """A demand to an agency; about a case, or about its work in general."""

    case_id: CaseRef | None = Field(None, description="就哪件案件；不填则须填机关代码", examples=[1])
    agency_code: str | None = Field(None, max_length=64, description="就机关的工作督办时填写", examples=[None])
    mark: Mark | None = Field(None, description="出示的黄、红、黑牌", examples=["red"])
    demand: Text = Field(description="督办要求", examples=["请说明超期原因，并于期限内依法答复申请人"])
    answer_by: LegalDay = Field(description="回复期限", examples=["2026-12-04"])


class SupervisionAnswer(Strict):
    """What the agency did about it."""

    answer: Text = Field(description="办理情况", examples=["已补充检索并于12月2日答复申请人"])


class SupervisionClosing(Strict):
    """Whether the supervisor takes the answer."""

    accepted: bool = Field(strict=True, description="认可则办结，否则退回重报", examples=[True])
    opinion: Text | None = Field(None, description="审核意见；退回的必填", examples=[None])
    answer_by: LegalDay | None = Field(None, description="退回重报的新期限", examples=[None])


class ProblemEntry(Strict):
    """A line of a list of problems."""

    agency_code: str = Field(max_length=64, description="存在问题的机关", examples=["370600-GXJ"])
    case_id: CaseRef | None = Field(None, description="所涉案件", examples=[None])
    source: ProblemSource = Field(description="问题来源", examples=["bulletin"])
    title: Line = Field(description="问题", examples=["第三季度两件申请超期答复"])
    detail: Text | None = Field(None, description="具体情况", examples=[None])
    found_on: LegalDay | None = Field(None, description="发现之日，不填即今天", examples=[None])
    rectify_by: LegalDay = Field(description="整改期限", examples=["2026-12-31"])


class ProblemRectification(Strict):
    """How far a problem has been put right."""

    status: RectificationStatus = Field(description="整改状态", examples=["in_progress"])
    measures: Text | None = Field(None, description="整改措施", examples=["建立到期前5个工作日提醒制度"])


class CaseProblemEntry(Strict):
    """What a request is really about."""

    problem: UnderlyingProblem = Field(description="背后的现实问题", examples=["land"])
    note: Text | None = Field(None, description="说明；不写个人信息", examples=["申请人关心补偿款到位时间"])
    follow_up_by: LegalDay | None = Field(None, description="推动解决的期限", examples=["2026-12-31"])


class FollowUp(Strict):
    """What was done about it."""

    status: FollowUpStatus = Field(description="进展", examples=["solved"])
    follow_up: Text = Field(description="推动解决的情况", examples=["补偿款已于12月10日拨付到位"])
