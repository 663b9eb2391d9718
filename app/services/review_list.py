"""The reviewer's list for a case: what its rows say to each point of `domain.review`."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import exists, select

from app.domain import application, checks, review
from app.domain.review import Seen, Sight
from app.domain.terms import AttachmentKind, CaseKind, ReviewPoint
from app.models import Attachment, Complaint, Rectification
from app.services import files, similar, topics
from app.services.desk import Desk
from app.services.facts import facts_of
from app.services.files import File

_POINT_OF: Mapping[str, ReviewPoint] = {
    "applicant": ReviewPoint.IDENTITY,
    "items": ReviewPoint.WANTED,
    "carrier": ReviewPoint.FORM,
    "delivery_method": ReviewPoint.FORM,
}


@dataclass(frozen=True, slots=True)
class ReviewList:
    """The points of the application and, once there is one, of the draft."""

    application: list[Seen]
    draft: list[Seen]


def of_case(desk: Desk, case_id: int) -> ReviewList:
    """Go through the points of a request for information; other kinds of case have none. Raises NotFound."""
    file = files.open_file(desk, case_id)
    if file.case.kind is not CaseKind.DISCLOSURE:
        return ReviewList([], [])
    facts, hints = facts_of(desk, file), similar.of_case(desk, case_id)
    lacking: dict[ReviewPoint, tuple[str, ...]] = {}
    for gap in gaps(file):
        point = _POINT_OF[gap.field.partition(".")[0]]
        lacking[point] = (*lacking.get(point, ()), gap.label)
    letter = select(
        exists().where(
            Attachment.case_id == case_id,
            Attachment.kind == AttachmentKind.AUTHORITY_LETTER,
            Attachment.withdrawn_at.is_(None),
        )
    )
    sight = Sight(
        lacking=lacking,
        texts=tuple(topics.asked(file.items)),
        items=len(file.items),
        by_agent=file.applicant.agent_name is not None,
        authorised=bool(desk.session.scalar(letter)),
        assistance=file.applicant.assistance_needed,
        purpose=file.case.purpose,
        in_month=facts.requests_in_month,
        repeated=tuple(one.case_no for one in hints.similar if one.may_be_repeated),
        published=tuple(document.title for document, _ in hints.published),
        findings=checks.run(facts) if file.draft else (),
        drafted=file.draft is not None,
    )
    return ReviewList(review.of_application(sight), review.of_draft(sight) if file.draft else [])


def gaps(file: File) -> list[application.Gap]:
    """List what an application lacks of what 条例第29条 or 第41条 asks for."""
    who = file.applicant
    contact = who.phone or who.email or who.address
    if isinstance(file.matter, Rectification):
        matter = file.matter
        return application.missing_of_rectification(
            name=who.name,
            contact=contact,
            concern=matter.concern,
            correct_content=matter.correct_content,
            evidence=matter.evidence,
        )
    if isinstance(file.matter, Complaint):
        return []
    return application.missing(
        name=who.name,
        id_number=who.id_number,
        contact=contact,
        carrier=file.case.carrier,
        delivery_method=file.case.delivery_method,
        items=[item.title or item.document_no or item.description for item in file.items],
    )
