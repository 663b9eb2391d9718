"""A remedy as callers see it; names of people are masked."""

import datetime as dt

from pydantic import Field

from app.domain.days import dated
from app.domain.identifiers import mask_name
from app.domain.masking import Veil
from app.domain.shape import Shape
from app.domain.terms import (
    CheckCode,
    PartyRole,
    RectificationStatus,
    RemedyDecision,
    RemedyKind,
    RemedyNode,
    RemedyOutcome,
    RemedyPaperKind,
    RemedyProcedure,
    ReplyKind,
)
from app.models import RemedyParty
from app.services import clocks
from app.services.persons import veil_of_parties
from app.services.remedies import Opened


class RemedyDueOut(Shape):
    """One day by which the agency must act or should have acted."""

    node: RemedyNode
    label: str
    due_on: dt.date
    due_label: str = Field(description="日期和星期")
    met_on: dt.date | None
    late: bool
    provisional: bool = Field(description="日期依赖尚未公布放假通知的年份")
    basis: str


class PartyOut(Shape):
    no: int
    role: PartyRole
    role_label: str
    name: str = Field(description="已遮盖；被申请人、被告是机关，不遮盖")


class RemedyPaperOut(Shape):
    id: int
    kind: RemedyPaperKind
    kind_label: str
    title: str
    document_no: str | None
    on: dt.date
    file_name: str | None = Field(description="文件名；没有文件的为空")
    size: int | None = Field(description="字节")
    sha256: str | None


class RemedyOut(Shape):
    """A reconsideration, lawsuit or complaint against a reply."""

    id: int
    version: int
    case_id: int
    case_no: str
    case_title: str
    agency_code: str
    agency_name: str
    reply_kind: ReplyKind | None = Field(description="所不服的答复")
    reply_kind_label: str | None
    kind: RemedyKind
    kind_label: str
    authority: str
    docket_no: str | None
    procedure: RemedyProcedure | None
    procedure_label: str | None
    after_remedy_id: int | None
    grounds: str | None
    filed_on: dt.date
    notified_on: dt.date | None
    answer_by: dt.date | None
    answered_on: dt.date | None
    decision: RemedyDecision | None
    decision_label: str | None
    decision_no: str | None
    result: RemedyOutcome = Field(description="年度报告表四的口径")
    result_label: str
    closed_on: dt.date | None
    decision_served_on: dt.date | None
    sue_until: dt.date | None = Field(description="不服复议决定的起诉期限届满之日（行政诉讼法第45条）")
    order_by: dt.date | None
    order_met_on: dt.date | None
    opinion_on: dt.date | None
    opinion_answered_on: dt.date | None
    cause: CheckCode | None
    cause_label: str | None
    cause_note: str | None
    rectification: RectificationStatus
    rectification_label: str
    rectification_plan: str | None
    rectify_by: dt.date | None
    rectified_on: dt.date | None
    next_node: RemedyNode | None
    next_node_label: str | None
    next_on: dt.date | None
    due: list[RemedyDueOut] = Field(description="本机关在这件救济中的各个期限")
    parties: list[PartyOut]
    papers: list[RemedyPaperOut]
    hints: list[str] = Field(description="可以提出的意见，如逾期、未经复议前置；只在查看单件时给出")
    updated_at: dt.datetime
    links: dict[str, str]


class RemedyList(Shape):
    items: list[RemedyOut]


class RemedyPage(Shape):
    items: list[RemedyOut]
    total: int
    page: int
    size: int


_SAME = tuple(
    name
    for name in RemedyOut.model_fields
    if not name.endswith("_label")
    and name
    not in {
        *("case_no", "case_title", "agency_code", "agency_name", "reply_kind", "after_remedy_id", "sue_until"),
        *("due", "parties", "papers", "hints", "updated_at", "links"),
    }
)


def remedy_out(opened: Opened) -> RemedyOut:
    row, case = opened.remedy, opened.case
    veil = veil_of_parties(case.applicant, [party.name for party in row.parties if not _is_office(party)])
    return RemedyOut(
        **{name: _shown(getattr(row, name), veil) for name in _SAME},
        case_no=case.case_no,
        case_title=veil.over(case.title),
        agency_code=opened.agency.code,
        agency_name=opened.agency.name,
        reply_kind=case.outcome,
        reply_kind_label=case.outcome.label if case.outcome else None,
        after_remedy_id=row.after_id,
        sue_until=opened.sue_until,
        kind_label=row.kind.label,
        procedure_label=row.procedure.label if row.procedure else None,
        decision_label=row.decision.label if row.decision else None,
        result_label=row.result.label,
        cause_label=row.cause.label if row.cause else None,
        rectification_label=row.rectification.label,
        next_node_label=row.next_node.label if row.next_node else None,
        due=[
            RemedyDueOut(
                node=node.node,
                label=node.node.label,
                due_on=node.due_on,
                due_label=dated(node.due_on, opened.today, None),
                met_on=node.met_on,
                late=node.is_late(opened.today),
                provisional=node.provisional,
                basis=node.basis,
            )
            for node in opened.due
        ],
        parties=[_party(party) for party in row.parties],
        papers=[
            RemedyPaperOut(
                id=paper.id,
                kind=paper.kind,
                kind_label=paper.kind.label,
                title=veil.over(paper.title),
                document_no=paper.document_no,
                on=paper.on,
                file_name=veil.over(paper.file_name) if paper.file_name else None,
                size=paper.size,
                sha256=paper.sha256,
            )
            for paper in row.papers
        ],
        hints=list(opened.hints),
        updated_at=clocks.in_shanghai(row.updated_at),
        links={"self": f"/api/v1/remedies/{row.id}", "case": f"/api/v1/cases/{case.id}"},
    )


def _shown(value: object, veil: Veil) -> object:
    """Veil what was written in words; codes and dates are shown as they are."""
    return veil.over(value) if type(value) is str else value


def _is_office(party: RemedyParty) -> bool:
    return party.role is PartyRole.RESPONDENT


def _party(party: RemedyParty) -> PartyOut:
    name = party.name if _is_office(party) else mask_name(party.name)
    return PartyOut(no=party.no, role=party.role, role_label=party.role.label, name=name)
