"""Cases that move, part or join: transfer to another agency, splitting by item, merging into one."""

from sqlalchemy import delete, select

from app.domain import commands
from app.domain.terms import ReplyKind, State
from app.errors import Invalid
from app.models import Agency, Applicant, Case, CaseItem, ClockEntry
from app.services import agencies, blind, clocks, journal, search, topics
from app.services.counters import next_number
from app.services.desk import Desk, shanghai_date
from app.services.files import File
from app.services.visibility import widen

_OVER = (State.CLOSED, State.ARCHIVED, State.DELIVERING, State.DELIVERED)


def transfer(desk: Desk, file: File, command: commands.Transfer) -> None:
    """Hand the case to another agency of the same city, with its day of receipt and its whole history."""
    root = file.agency.path.split("/")[1]
    target = desk.session.scalar(
        select(Agency).where(Agency.code == command.agency_code, Agency.path.startswith(f"/{root}/"))
    )
    target = agencies.living(desk.session, target)
    if target is None or target.id == file.agency.id:
        raise _wrong("agency_code", "本市没有这个代码的其他机关")
    widen(desk.session, target.id)
    file.case.agency_id = target.id
    file.case.handler = None
    topics.move(desk.session, file.case.id, target.id)
    journal.record(desk, "transferred_out", "移出", case=file.case, agency_id=file.agency.id, data={"to": target.code})


def split(desk: Desk, file: File, command: commands.Split) -> None:
    """Register the named items as a case of their own, with the same receipt, acts and handler."""
    old = file.case
    items = {item.no: item for item in file.items}
    moved = [items[no] for no in sorted(command.item_nos)]
    year = shanghai_date(old.submitted_at).year
    number = next_number(desk.session, f"case:{file.agency.code}:{year}")
    copied = {name: getattr(old, name) for name in _COPIED}
    first = moved[0]
    new = Case(
        **copied,
        case_no=f"{file.agency.code}-{year}-{number:06d}",
        origin_id=old.id,
        title=(first.title or first.document_no or first.description or old.title)[:200],
        created_at=desk.now,
        updated_at=desk.now,
    )
    desk.session.add(new)
    clocks.project(new, file.acts, file.rules, file.calendar, desk.book.edition)
    desk.session.flush()
    who = file.applicant
    columns = [column.name for column in Applicant.__table__.columns if column.name != "case_id"]
    desk.session.add(Applicant(case_id=new.id, **{name: getattr(who, name) for name in columns}))
    desk.session.add_all(
        CaseItem(case_id=new.id, no=no, title=item.title, document_no=item.document_no, description=item.description)
        for no, item in enumerate(moved, 1)
    )
    desk.session.execute(delete(CaseItem).where(CaseItem.case_id == old.id, CaseItem.no.in_(command.item_nos)))
    desk.session.add_all(
        ClockEntry(
            case_id=new.id,
            act=entry.act,
            on=entry.on,
            data=entry.data,
            recorded_at=entry.recorded_at,
            recorded_by=entry.recorded_by,
        )
        for entry in desk.session.scalars(
            select(ClockEntry).where(ClockEntry.case_id == old.id).order_by(ClockEntry.id)
        )
    )
    search.index(
        desk.session,
        new.id,
        new.case_no,
        blind.public_name(who.kind, who.name),
        *(text for item in moved for text in (item.title, item.document_no, item.description)),
    )
    topics.forget(desk.session, old.id)
    topics.enter(
        desk.session,
        old.id,
        old.agency_id,
        *topics.asked(kept for no, kept in items.items() if no not in command.item_nos),
    )
    topics.enter(desk.session, new.id, new.agency_id, *topics.asked(moved))
    journal.record(desk, "split_off", "由分立产生", case=new, data={"from": old.case_no})


def merge(desk: Desk, file: File, command: commands.Merge) -> None:
    """Close the case into another open one of the same applicant."""
    other = desk.session.execute(
        select(Case, Applicant)
        .join(Applicant, Applicant.case_id == Case.id)
        .where(
            Case.case_no == command.case_no,
            Case.agency_id == file.agency.id,
            Case.kind == file.case.kind,
            Case.state.not_in(_OVER),
        )
    ).one_or_none()
    if other is None or other[0].id == file.case.id:
        raise _wrong("case_no", "本机关没有这个案号的其他在办案件")
    mine, theirs = file.applicant, other[1]
    numbered = mine.id_digest or theirs.id_digest
    same = mine.id_digest == theirs.id_digest if numbered else mine.name_digest == theirs.name_digest
    if not same:
        raise _wrong("case_no", "两件申请的申请人不同，不能合并")
    file.case.origin_id = other[0].id
    file.case.outcome = ReplyKind.CLOSED_OTHER


_COPIED = (
    *("agency_id", "state", "channel", "portal", "query_code_digest", "submitted_at", "received_on", "carrier"),
    *("delivery_method", "purpose", "handler", "applicant_kind"),
)


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, reasons=[{"kind": "field", "code": "not_applicable", "field": field, "message": message}])
