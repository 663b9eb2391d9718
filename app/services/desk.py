"""The desk a request works at: everything a use case needs and nothing it must look up for itself."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.config import Settings
from app.domain.actor import Actor
from app.services.calendars import Book

SHANGHAI = ZoneInfo("Asia/Shanghai")


def shanghai_date(moment: dt.datetime) -> dt.date:
    """Return the legal date of a moment, whatever zone the server or the caller is in."""
    return moment.astimezone(SHANGHAI).date()


@dataclass(frozen=True, slots=True)
class Desk:
    """One transaction: its session, who acts, the calendars in force, and one fixed `now`."""

    session: Session
    actor: Actor
    book: Book
    now: dt.datetime
    settings: Settings

    @property
    def today(self) -> dt.date:
        return shanghai_date(self.now)
