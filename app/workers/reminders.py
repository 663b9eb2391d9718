"""Reminding: what is due is entered once, whoever is first, and each person's digest is mailed outside quiet hours."""

import datetime as dt
import logging
from dataclasses import dataclass

from app import db
from app.domain.actor import Actor
from app.house import House, committed
from app.services import digests, mail, reminders
from app.workers.stages import city_wide

log = logging.getLogger(__name__)

LOOK_S = 300.0


@dataclass(frozen=True, slots=True)
class Reminded:
    """What one sweep did: reminders entered, digests mailed, digests that the mail server did not take."""

    entered: int
    mailed: int
    failed: int


def remind(house: House, now: dt.datetime) -> float:
    """Enter and mail everything that is due."""
    sweep(house, now)
    return LOOK_S


def sweep(house: House, now: dt.datetime) -> Reminded:
    """Do the same and say how much it was. Running it again, late, or beside others reminds nobody twice."""
    actor = city_wide(house.engine, "work", "后台工作")
    if actor is None:
        return Reminded(0, 0, 0)
    entered = _enter(house, actor, now)
    mailed, failed = _mail(house, now) if house.settings.smtp_host else (0, 0)
    return Reminded(entered, mailed, failed)


def _enter(house: House, actor: Actor, now: dt.datetime) -> int:
    entered = 0
    for look in (reminders.due, reminders.due_in_remedies):
        after: int | None = 0
        while after is not None:
            with db.reader(house.engine) as session:
                found, after = look(session, house.calendars.book(session), now, after)
                session.expunge_all()
            if found:
                with committed(house.engine) as session:
                    entered += reminders.enter(session, actor, now, found, reminders.People(session))
    return entered


def _mail(house: House, now: dt.datetime) -> tuple[int, int]:
    mailed = failed = 0
    with db.reader(house.engine) as session:
        people = digests.waiting(session, house.calendars.book(session), now)
    for username in people:
        with committed(house.engine) as session:
            digest = digests.claim(session, house.calendars.book(session), house.settings, username, now)
        if digest is None:
            continue
        try:
            with mail.post_office(house.settings) as post:
                post.send(digest.to, digest.subject, digest.text, digest.number)
        except mail.Failed as error:  # names no address: they are personal data
            log.warning("a digest was not taken by the mail server: %s", type(error).__name__)
            failed += 1
        with committed(house.engine) as session:
            digests.sent(session, username, now, None if failed else now)
        if failed:  # the server is away for the others too; they are tried at the next look
            break
        mailed += 1
    return mailed, failed
