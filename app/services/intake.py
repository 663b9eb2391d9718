"""Registering an application: number, query code, receipt, clock, journal, in one transaction."""

import hashlib
import hmac
import secrets

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.domain.actor import Actor
from app.domain.application import Application
from app.domain.terms import Role, State
from app.errors import Invalid
from app.models import Agency, Applicant, Case, CaseItem
from app.services import clocks, files, journal, search
from app.services.counters import next_number
from app.services.desk import Desk, shanghai_date
from app.services.files import File
from app.services.visibility import in_reach

REGISTRARS = (Role.INTAKE_CLERK, Role.PORTAL)
_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is mistaken for another when read aloud
_CODE_LENGTH = 10  # 31^10 ≈ 8·10^14


def register(desk: Desk, application: Application) -> tuple[File, str | None]:
    """Register an application; returns the case and, for a new one, its query code.

    The same `(portal, external_no)` gives the first case back, without the code. Raises Invalid for an agency the
    caller cannot register for and for impossible dates.
    """
    agency = _agency(desk, application)
    _refuse_impossible_dates(desk, application)
    portal = _portal(desk.actor, agency) if application.external_no else None
    if portal and (known := _known(desk, portal, application)):
        return files.open_file(desk, known), None
    code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
    try:
        with desk.session.begin_nested():
            case = _enter(desk, agency, application, portal, query_code_digest(desk.settings.key, code))
    except IntegrityError:  # the same external number was committed by another request a moment ago
        if portal and (known := _known(desk, portal, application)):
            return files.open_file(desk, known), None
        raise
    return files.open_file(desk, case.id), code


def query_code_digest(key: bytes, code: str) -> str:
    """Return what is stored of a query code."""
    return hmac.new(key, b"query-code\0" + code.strip().upper().encode(), hashlib.sha256).hexdigest()


def id_digest(key: bytes, number: str) -> str:
    """Return the keyed digest by which the same applicant is found again."""
    return hmac.new(key, b"applicant\0" + number.strip().upper().encode(), hashlib.sha256).hexdigest()


def _agency(desk: Desk, application: Application) -> Agency:
    agency = desk.session.scalar(select(Agency).where(Agency.code == application.agency_code))
    if agency is None or not in_reach(desk.actor, agency):
        raise Invalid(
            "没有这个受文机关，或者您不能为它登记",
            reasons=[
                {"kind": "field", "code": "unknown_agency", "field": "agency_code", "message": "受文机关代码有误"}
            ],
        )
    return agency


def _refuse_impossible_dates(desk: Desk, application: Application) -> None:
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


def _portal(actor: Actor, agency: Agency) -> str:
    """Name the system an external number belongs to: the key's own, or the agency's desk."""
    return actor.name if actor.is_key else f"desk:{agency.id}"


def _known(desk: Desk, portal: str, application: Application) -> int | None:
    return desk.session.scalar(
        select(Case.id).where(Case.portal == portal, Case.external_no == application.external_no)
    )


def _enter(desk: Desk, agency: Agency, application: Application, portal: str | None, code_digest: str) -> Case:
    submitted_on = shanghai_date(application.submitted_at)
    number = next_number(desk.session, f"case:{agency.code}:{submitted_on.year}")
    who = application.applicant
    items = application.items
    case = Case(
        case_no=f"{agency.code}-{submitted_on.year}-{number:06d}",
        agency_id=agency.id,
        state=State.REGISTERED,
        channel=application.channel,
        portal=portal,
        external_no=application.external_no,
        query_code_digest=code_digest,
        submitted_at=application.submitted_at,
        received_on=application.received_on(submitted_on),
        carrier=application.carrier,
        delivery_method=application.delivery_method,
        purpose=application.purpose,
        title=(items[0].title or items[0].document_no or items[0].description or "（申请内容未填写）")[:200],
        created_at=desk.now,
        updated_at=desk.now,
    )
    desk.session.add(case)
    clocks.project(case, (), clocks.rules_of(agency), desk.book.of(agency.region), desk.book.edition)
    desk.session.flush()
    desk.session.add_all(
        CaseItem(case_id=case.id, no=no, title=item.title, document_no=item.document_no, description=item.description)
        for no, item in enumerate(items, 1)
    )
    plain = who.model_dump(exclude={"agent"})
    desk.session.add(
        Applicant(
            case_id=case.id,
            **plain,
            agent_name=who.agent.name if who.agent else None,
            agent_phone=who.agent.phone if who.agent else None,
            id_digest=id_digest(desk.settings.key, who.id_number) if who.id_number else None,
        )
    )
    search.index(
        desk.session,
        case.id,
        case.case_no,
        application.external_no,
        who.name,
        *(text for item in items for text in (item.title, item.document_no, item.description)),
    )
    journal.record(
        desk,
        "register",
        "登记",
        case=case,
        on=submitted_on,
        data={"channel": case.channel, "items": len(items)} | clocks.moved((None, None), clocks.dates_of(case)),
    )
    desk.session.flush()
    return case
