"""Long work without a request: the operator's or the worker's stages, one transaction each (`app.services.stages`)."""

import datetime as dt
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Engine, select

from app import db
from app.config import Settings
from app.domain.actor import Actor
from app.domain.terms import Role
from app.models import Agency
from app.services.calendars import Calendars
from app.services.desk import Desk
from app.services.stages import LANES

Result = TypeVar("Result")
TURN_S = 0.11
"""Between two stages on SQLite: a server that waits for the write lock looks again every tenth of a second at the latest."""


class OwnStages:
    """Stages outside of requests, with a turn for the running server in between."""

    def __init__(self, engine: Engine, settings: Settings, actor: Actor, now: dt.datetime) -> None:
        self._engine, self._settings, self._actor, self._now = engine, settings, actor, now
        self._calendars = Calendars()

    @property
    def lanes(self) -> int:
        return 1 if self._settings.is_sqlite else LANES

    def read(self, work: Callable[[Desk], Result]) -> Result:
        with db.reader(self._engine) as session:
            return work(Desk(session, self._actor, self._calendars.book(session), self._now, self._settings))

    def write(self, work: Callable[[Desk], Result], *, hold_calendar: bool = True) -> Result:
        with db.writer(self._engine) as session:
            book = (self._calendars.held_book if hold_calendar else self._calendars.book)(session)
            done = work(Desk(session, self._actor, book, self._now, self._settings))
            session.commit()
        if self._settings.is_sqlite:
            time.sleep(TURN_S)
        return done


def city_wide(engine: Engine, name: str, label: str, role: Role = Role.SYSTEM_ADMIN) -> Actor | None:
    """Make the actor that acts for the root agency without a person behind it; None before there is an agency."""
    with db.reader(engine) as session:
        root = session.scalars(select(Agency).where(Agency.parent_id.is_(None)).order_by(Agency.id)).first()
    if root is None:
        return None
    return Actor(name=name, label=label, agency_id=root.id, agency_path=root.path, roles=frozenset({role}))
