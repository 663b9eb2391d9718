"""The morning's digest: one mail to each person with everything they have not been mailed yet.

A mail names case numbers, nodes and dates, never an applicant nor what was asked for: mail leaves the house.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from app.config import Settings
from app.domain import reminders as rules
from app.domain.days import dated
from app.domain.settings import AgencySettings
from app.domain.workdays import WorkCalendar
from app.models import Agency, Case, Mailbox, Reminder, ReminderRecipient, User
from app.services import journal
from app.services.calendars import Book
from app.services.desk import Desk, shanghai_date

STALE_AFTER = dt.timedelta(minutes=15)
"""A mail that was claimed so long ago and not reported as sent is sent by another process."""

MAILED_WITHIN = dt.timedelta(days=7)
"""What was entered longer ago is not mailed any more: somebody who registers a mailbox today wants no old news."""

MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class Digest:
    """A mail to send, and the copies that it settles."""

    username: str
    to: str
    subject: str
    text: str
    number: str


@dataclass(frozen=True, slots=True)
class _Line:
    reminder: Reminder
    case: Case


def waiting(session: Session, book: Book, now: dt.datetime) -> list[str]:
    """Name those who are to be mailed now: somebody with a mailbox and unmailed reminders, outside quiet hours."""
    rows = session.execute(
        select(User.username, Agency.region, Agency.settings)
        .join(Mailbox, Mailbox.username == User.username)
        .join(Agency, Agency.id == User.agency_id)
        .where(
            User.disabled_at.is_(None),
            select(ReminderRecipient.reminder_id)
            .join(Reminder, Reminder.id == ReminderRecipient.reminder_id)
            .where(ReminderRecipient.username == User.username, _unmailed(now))
            .exists(),
        )
        .order_by(User.username)
    )
    found = []
    for username, region, settings in rows:
        own = AgencySettings.model_validate(settings).reminders
        if own.by_mail and own.enabled and rules.may_disturb(now, own, book.of(region)):
            found.append(username)
    return found


def claim(session: Session, book: Book, settings: Settings, username: str, now: dt.datetime) -> Digest | None:
    """Take everything a person has not been mailed, so that no other process mails it; None where another was faster."""
    recent = select(Reminder.id).where(Reminder.created_at > now - MAILED_WITHIN)
    claimed = session.scalars(
        update(ReminderRecipient)
        .where(
            ReminderRecipient.username == username,
            ReminderRecipient.mailed_at.is_(None),
            _unclaimed(now),
            ReminderRecipient.reminder_id.in_(recent),
        )
        .values(mail_claimed_at=now)
        .returning(ReminderRecipient.reminder_id)
        .execution_options(synchronize_session=False)
    ).all()
    if not claimed:
        return None
    rows = session.execute(
        select(Reminder, Case, Agency.region, Mailbox.address)
        .join(Case, Case.id == Reminder.case_id)
        .join(Agency, Agency.id == Case.agency_id)
        .join(Mailbox, Mailbox.username == username)
        .where(Reminder.id.in_(claimed))
        .order_by(Reminder.due_on, Case.id, Reminder.step.desc())
    ).all()
    if not rows:
        return None
    newest: dict[tuple[int, str, str], tuple[_Line, str]] = {}
    for reminder, case, region, _ in rows:  # of one node only the latest step is news
        newest[case.id, reminder.node.value, reminder.ref] = (_Line(reminder, case), region)
    lines = [(line, book.of(region)) for line, region in newest.values()]
    number = hashlib.sha256(f"{username} {sorted(claimed)}".encode()).hexdigest()[:32]
    return Digest(username, rows[0][3], _subject(lines, now), _text(lines, now, settings), f"reminders-{number}")


def sent(session: Session, username: str, claimed_at: dt.datetime, now: dt.datetime | None) -> None:
    """Write down that what was claimed has left; with `now` None that it has not, so that it is tried again."""
    values = {"mailed_at": now} if now else {"mail_claimed_at": None}
    mine = (ReminderRecipient.username == username) & (ReminderRecipient.mail_claimed_at == claimed_at)
    session.execute(update(ReminderRecipient).where(mine, ReminderRecipient.mailed_at.is_(None)).values(values))


def mailbox(desk: Desk) -> Mailbox | None:
    return desk.session.get(Mailbox, desk.actor.name)


def set_mailbox(desk: Desk, address: str | None) -> Mailbox | None:
    """Register where the caller wants the digest, or nowhere; the journal does not repeat the address."""
    found = mailbox(desk)
    if address is None:
        if found:
            desk.session.delete(found)
    elif found:
        found.address, found.set_at = address, desk.now
    else:
        found = Mailbox(username=desk.actor.name, address=address, set_at=desk.now)
        desk.session.add(found)
    journal.record(desk, "mailbox_set", "登记提醒邮箱" if address else "取消提醒邮箱")
    return found if address else None


def _unmailed(now: dt.datetime) -> ColumnElement[bool]:
    recent = Reminder.created_at > now - MAILED_WITHIN
    return ReminderRecipient.mailed_at.is_(None) & _unclaimed(now) & recent


def _unclaimed(now: dt.datetime) -> ColumnElement[bool]:
    claimed_at = ReminderRecipient.mail_claimed_at
    return or_(claimed_at.is_(None), claimed_at < now - STALE_AFTER)


def _subject(lines: Sequence[tuple[_Line, WorkCalendar]], now: dt.datetime) -> str:
    today = shanghai_date(now)
    late = sum(line.reminder.due_on < today for line, _ in lines)
    due = sum(line.reminder.due_on == today for line, _ in lines)
    parts = [f"已逾期{late}件" if late else "", f"今天到期{due}件" if due else "", f"共{len(lines)}件"]
    return f"依申请公开提醒：{'，'.join(part for part in parts if part)}"


def _text(lines: Sequence[tuple[_Line, WorkCalendar]], now: dt.datetime, settings: Settings) -> str:
    def written() -> Iterator[str]:
        today = shanghai_date(now)
        yield "您好，以下案件需要您留意："
        yield ""
        for line, calendar in lines[:MOST_LINES]:
            due_on = line.reminder.due_on
            yield f"案号 {line.case.case_no}（{line.case.state.label}）"
            yield f"　　{line.reminder.node.label} {dated(due_on, today, calendar.count(today, due_on))}"
        if len(lines) > MOST_LINES:
            yield f"……其余{len(lines) - MOST_LINES}件请在“我的待办”中查看。"
        yield ""
        where = settings.public_url.rstrip("/")
        yield f"办理：{where}/docs" if where else "办理：请登录依申请公开办理服务，查看“我的待办”。"
        yield "本邮件由系统自动发送，请勿回复。不再接收：在“我的待办”中取消提醒邮箱。"

    return "\n".join(written()) + "\n"
