"""Registering an application: number, query code, receipt, clock, journal, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from app.domain.actor import Actor
from app.domain.application import Application, ComplaintReport, Incoming, RectificationRequest
from app.domain.terms import CaseKind, Role, RowResult, State
from app.domain.workdays import OutsideCalendarError
from app.errors import AppError, Invalid
from app.models import Agency, Applicant, Case, CaseItem, Complaint, Rectification
from app.models.direct import enter
from app.models.keyring import keyring_of
from app.services import agencies, blind, clocks, documents, files, journal, query_codes, search
from app.services.counters import next_number
from app.services.desk import Desk, shanghai_date
from app.services.files import File
from app.services.visibility import everywhere, in_reach

Reasons = Sequence[Mapping[str, Any]]
"""Why something was refused, as problems list it."""

REGISTRARS = (Role.INTAKE_CLERK, Role.PORTAL)
_SERIES = {CaseKind.DISCLOSURE: "", CaseKind.RECTIFICATION: "G", CaseKind.COMPLAINT: "T"}  # 更正、投诉


def register(desk: Desk, application: Incoming) -> tuple[File, str | None]:
    """Register an application of any kind; returns the case and, for a new one, its query code.

    The same `(portal, external_no)` gives the first case back, without the code. Raises Invalid for an agency the
    caller cannot register for, for impossible dates, for an external number that another kind of case has, and for a
    complaint about an agency or a case which this city has not.
    """
    agency = _agency(desk, application)
    _refuse_impossible_dates(desk, application)
    portal = _portal(desk.actor, agency, application)
    if application.external_no and portal and (known := _known(desk, portal, application)):
        return _same(desk, known, application), None
    code = query_codes.fresh()
    digest = query_codes.query_code_digest(desk.settings.key, code)
    if application.external_no and portal:
        try:
            with desk.session.begin_nested():
                file = _enter(desk, agency, application, portal, digest)
        except IntegrityError:  # the same external number was committed by another request a moment ago
            if known := _known(desk, portal, application):
                return _same(desk, known, application), None
            raise
    else:
        file = _enter(desk, agency, application, portal, digest)
    if (
        file.case.received_on is not None and file.case.kind is CaseKind.DISCLOSURE
    ):  # the receipt names what is asked for
        documents.issue_receipt(desk, file)
    return file, code


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of one application of many: a case and, for a new one, its query code, or the reasons against it."""

    result: RowResult
    external_no: str | None = None
    file: File | None = None
    query_code: str | None = None
    reasons: Reasons = ()


def register_each(desk: Desk, applications: Sequence[Incoming | Reasons]) -> list[Registered]:
    """Register many, each whole or not at all; a row that is a list of reasons was refused before it came here.

    Agency by agency, in one order for everybody: two batches would otherwise wait for each other's running numbers.
    """
    found: dict[int, Registered] = {}
    fit: list[tuple[str, int, int, Incoming]] = []
    for no, row in enumerate(applications):
        if isinstance(row, Incoming):
            fit.append((row.agency_code, shanghai_date(row.submitted_at).year, no, row))
        else:
            found[no] = _refused(row)
    for _code, _year, no, application in sorted(fit, key=itemgetter(0, 1, 2)):
        found[no] = _one_of_many(desk, application)
    return [found[no] for no in sorted(found)]


def _one_of_many(desk: Desk, application: Incoming) -> Registered:
    number = application.external_no
    try:
        with desk.session.begin_nested():
            file, code = register(desk, application)
    except AppError as error:
        plain = {"kind": "guard", "code": error.code, "message": error.detail or error.title}
        return _refused(error.reasons or (plain,), number)
    except OutsideCalendarError as error:
        return _refused(({"kind": "guard", "code": Invalid.code, "message": str(error)},), number)
    return Registered(RowResult.CREATED if code else RowResult.EXISTING, number, file, code)


def _refused(reasons: Reasons, external_no: str | None = None) -> Registered:
    return Registered(RowResult.REFUSED, external_no, reasons=reasons)


_NAMED = select(Agency).where(Agency.code == bindparam("code"))


def _agency(desk: Desk, application: Incoming) -> Agency:
    named = desk.session.scalar(_NAMED, {"code": application.agency_code})
    agency = agencies.living(desk.session, named)  # a portal that has not heard of a merger loses no application
    if agency is None or not in_reach(desk.actor, agency):
        raise Invalid(
            "没有这个受文机关，或者您不能为它登记",
            reasons=[
                {"kind": "field", "code": "unknown_agency", "field": "agency_code", "message": "受文机关代码有误"}
            ],
        )
    return agency


def _refuse_impossible_dates(desk: Desk, application: Incoming) -> None:
    submitted_on = shanghai_date(application.submitted_at)
    given = {
        "submitted_at": submitted_on,
        "signed_on": application.signed_on,
        "confirmed_on": application.confirmed_on,
    }
    reasons = [
        {"kind": "field", "code": "date_in_future", "field": field, "message": f"{field}：不能晚于今天", "basis": ""}
        for field, day in given.items()
        if day and day > desk.today
    ] + [
        {"kind": "field", "code": "date_before_submission", "field": field, "message": f"{field}：不能早于提交日"}
        for field, day in given.items()
        if day and day < submitted_on
    ]
    if reasons:
        raise Invalid("；".join(reason["message"] for reason in reasons), reasons=reasons)


def _portal(actor: Actor, agency: Agency, application: Incoming) -> str | None:
    """Name the system that brought the case: the key's own, or the agency's desk where it gave a number of its own."""
    if actor.is_key:
        return actor.account
    return f"desk:{agency.id}" if application.external_no else None


def _known(desk: Desk, portal: str, application: Incoming) -> int | None:
    with everywhere(desk.session):  # it may have been handed to another agency meanwhile; then it is not found below
        return desk.session.scalar(
            select(Case.id).where(Case.portal == portal, Case.external_no == application.external_no)
        )


def _same(desk: Desk, case_id: int, application: Incoming) -> File:
    file = files.open_file(desk, case_id)
    if file.case.kind is not application.kind:
        raise _wrong("external_no", f"这个来件编号已经登记为{file.case.kind.label}")
    return file


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, reasons=[{"kind": "field", "code": "not_applicable", "field": field, "message": message}])


def _enter(desk: Desk, agency: Agency, application: Incoming, portal: str | None, code_digest: str) -> File:
    submitted_on = shanghai_date(application.submitted_at)
    letter = _SERIES[application.kind]
    series = f"case:{agency.code}:{submitted_on.year}" + (f":{letter}" if letter else "")
    number = next_number(desk.session, series)
    who = application.applicant
    named = next((text for text in application.words if text), "（申请内容未填写）")
    case = Case(
        version=1,
        kind=application.kind,
        case_no=f"{agency.code}-{submitted_on.year}-{letter}{number:06d}",
        agency_id=agency.id,
        state=State.REGISTERED,
        channel=application.channel,
        portal=portal,
        external_no=application.external_no,
        query_code_digest=code_digest,
        submitted_at=application.submitted_at,
        received_on=application.received_on(submitted_on),
        delivery_method=application.delivery_method,
        title=named[:200],
        applicant_kind=who.kind,
        created_at=desk.now,
        updated_at=desk.now,
    )
    if isinstance(application, Application):
        case.carrier, case.purpose = application.carrier, application.purpose
    clocks.project(case, (), clocks.rules_of(agency, case.kind), desk.book.of(agency.region), desk.book.edition)
    keyring_of(desk.session).enter(desk.session, case)
    if case.clock:
        case.clock.case_id = case.id
        enter(desk.session, case.clock)
    applicant = Applicant(
        case_id=case.id,
        **who.model_dump(exclude={"agent"}),
        agent_name=who.agent.name if who.agent else None,
        agent_phone=who.agent.phone if who.agent else None,
        **blind.digests(desk.session, who),
    )
    items, matter = _items(case.id, application), _matter(desk, agency, case.id, application)
    enter(desk.session, applicant, *items, *([matter] if matter else ()))
    search.index_new(
        desk.session,
        case.id,
        case.case_no,
        application.external_no,
        blind.public_name(who.kind, who.name),
        *application.words,
    )
    journal.record(
        desk,
        "register",
        "登记",
        case=case,
        on=submitted_on,
        data={"channel": case.channel, **_counted(application)} | clocks.moved((None, None), clocks.dates_of(case)),
    )
    return files.fresh(desk, case, agency, applicant, items, matter)


def _counted(application: Incoming) -> dict[str, object]:
    if isinstance(application, Application):
        return {"items": len(application.items)}
    return {"kind": application.kind.value}


def _items(case_id: int, application: Incoming) -> list[CaseItem]:
    if not isinstance(application, Application):
        return []
    return [
        CaseItem(case_id=case_id, no=no, title=item.title, document_no=item.document_no, description=item.description)
        for no, item in enumerate(application.items, 1)
    ]


def _matter(desk: Desk, agency: Agency, case_id: int, application: Incoming) -> Rectification | Complaint | None:
    """Build the row that only this kind of case has."""
    if isinstance(application, RectificationRequest):
        return Rectification(
            case_id=case_id,
            record=application.record,
            concern=application.concern,
            correct_content=application.correct_content,
            evidence=application.evidence,
        )
    if isinstance(application, ComplaintReport):
        about_agency_id, about_case_id = _complained_of(desk, agency, application)
        return Complaint(
            case_id=case_id,
            about_agency_id=about_agency_id,
            about_case_id=about_case_id,
            grounds=application.grounds,
        )
    return None


def _complained_of(desk: Desk, agency: Agency, complaint: ComplaintReport) -> tuple[int, int | None]:
    """Find the agency and the request complained of; what another city has is told from nothing by no word."""
    root = agency.path.split("/")[1]
    about = desk.session.scalar(
        select(Agency).where(Agency.code == complaint.about_agency, Agency.path.startswith(f"/{root}/"))
    )
    if about is None:
        raise _wrong("about_agency", "本市没有这个代码的机关")
    if complaint.about_case_no is None:
        return about.id, None
    with everywhere(desk.session):  # who complains tells the number; nothing of the case is shown
        case_id = desk.session.scalar(
            select(Case.id).where(
                Case.case_no == complaint.about_case_no, Case.agency_id == about.id, Case.kind == CaseKind.DISCLOSURE
            )
        )
    if case_id is None:
        raise _wrong("about_case_no", "被投诉机关没有这个案号的政府信息公开申请")
    return about.id, case_id
