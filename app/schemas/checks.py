"""The checks before a reply leaves, and the warnings beside them."""

import datetime as dt
from collections.abc import Sequence

from pydantic import Field

from app.domain.checks import Finding
from app.domain.review import Seen
from app.domain.shape import Shape
from app.domain.terms import (
    CheckCode,
    CheckGate,
    CheckLevel,
    Likeness,
    RemedyDecision,
    RemedyKind,
    ReplyKind,
    ReviewPoint,
    ReviewVerdict,
)
from app.services.review_list import ReviewList
from app.services.warnings import Resemblance


class CheckOut(Shape):
    """One pre-reply check on this case."""

    code: CheckCode
    label: str
    asks: str
    gate: CheckGate
    gate_label: str
    level: CheckLevel
    level_label: str
    applicable: bool
    passed: bool
    messages: list[str]
    overridden_by: str | None = Field(description="负责人放行的理由")
    basis: str


class ResemblanceOut(Shape):
    """A corrected reply that this case resembles."""

    message: str = Field(description="给经办人看的提示")
    likeness: list[Likeness] = Field(description="相似在哪里")
    likeness_labels: list[str]
    score: int = Field(description="申请内容的相似度，0—100")
    remedy_kind: RemedyKind
    remedy_kind_label: str
    decision: RemedyDecision | None
    decision_label: str | None
    closed_on: dt.date
    reply_kind: ReplyKind | None
    reply_kind_label: str | None
    cause: CheckCode | None
    cause_label: str | None
    cause_note: str | None = Field(description="败因说明；他机关的案件不显示")
    case_id: int | None = Field(description="被纠正的案件；他机关的案件不显示")
    case_no: str | None
    remedy_id: int | None


class ReviewPointOut(Shape):
    """One point of review, and what speaks to it."""

    point: ReviewPoint
    label: str
    asks: str = Field(description="审核什么")
    basis: str
    verdict: ReviewVerdict
    verdict_label: str
    notes: list[str] = Field(description="系统看到的情况；只是提示，由审核人判断")
    actions: list[str] = Field(description="可能需要的操作")


class ReviewListOut(Shape):
    application: list[ReviewPointOut] = Field(description="申请的审核要点")
    draft: list[ReviewPointOut] = Field(description="答复文稿的审核要点；还没有文稿的为空")


def review_list_out(found: ReviewList) -> ReviewListOut:
    return ReviewListOut(
        application=[_point(seen) for seen in found.application], draft=[_point(seen) for seen in found.draft]
    )


def _point(seen: Seen) -> ReviewPointOut:
    return ReviewPointOut(
        point=seen.point,
        label=seen.point.label,
        asks=seen.asks,
        basis=seen.basis,
        verdict=seen.verdict,
        verdict_label=seen.verdict.label,
        notes=list(seen.notes),
        actions=list(seen.actions),
    )


class CheckList(Shape):
    items: list[CheckOut]
    warnings: list[ResemblanceOut] = Field(description="类案提示：与本案相似、曾被纠正的答复")


def check_list(findings: Sequence[Finding], resembling: Sequence[Resemblance]) -> CheckList:
    return CheckList(
        items=[
            CheckOut(
                code=found.code,
                label=found.code.label,
                asks=found.asks,
                gate=found.gate,
                gate_label=found.gate.label,
                level=found.level,
                level_label=found.level.label,
                applicable=found.applicable,
                passed=found.passed,
                messages=list(found.messages),
                overridden_by=found.overridden_by,
                basis=found.basis,
            )
            for found in findings
        ],
        warnings=[_resemblance(found) for found in resembling],
    )


def _resemblance(found: Resemblance) -> ResemblanceOut:
    return ResemblanceOut(
        message=found.message,
        likeness=list(found.likeness),
        likeness_labels=[one.label for one in found.likeness],
        score=found.score,
        remedy_kind=found.remedy_kind,
        remedy_kind_label=found.remedy_kind.label,
        decision=found.decision,
        decision_label=found.decision.label if found.decision else None,
        closed_on=found.closed_on,
        reply_kind=found.reply_kind,
        reply_kind_label=found.reply_kind.label if found.reply_kind else None,
        cause=found.cause,
        cause_label=found.cause.label if found.cause else None,
        cause_note=found.cause_note,
        case_id=found.case_id,
        case_no=found.case_no,
        remedy_id=found.remedy_id,
    )
