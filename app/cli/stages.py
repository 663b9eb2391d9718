"""Long work of a command: short transactions at a desk of the operator's, with turns for the running server in between."""

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app import db
from app.cli.refusals import MISUSED, need_migrated, refuse
from app.cli.setup import engine_of, now
from app.config import Settings
from app.domain.actor import Actor
from app.domain.terms import Role
from app.models import Agency
from app.services.calendars import Calendars
from app.services.desk import Desk
from app.services.stages import Stages

Result = TypeVar("Result")

TURN_S = 0.11
"""Between two stages on SQLite: a server that waits for the write lock looks again every tenth of a second at the latest."""


class CommandStages:
    """Stages of a command: one transaction each, with a turn for the running server in between."""

    def __init__(self, engine: Engine, settings: Settings, actor: Actor) -> None:
        self._engine, self._settings, self._actor = engine, settings, actor
        self._calendars, self._now = Calendars(), now()

    def read(self, work: Callable[[Desk], Result]) -> Result:
        with db.reader(self._engine) as session:
            return work(self._desk(session, hold=False))

    def write(self, work: Callable[[Desk], Result], *, hold_calendar: bool = True) -> Result:
        with db.writer(self._engine) as session:
            done = work(self._desk(session, hold=hold_calendar))
            session.commit()
        if self._settings.is_sqlite:
            time.sleep(TURN_S)
        return done

    def _desk(self, session: Session, *, hold: bool) -> Desk:
        book = (self._calendars.held_book if hold else self._calendars.book)(session)
        return Desk(session, self._actor, book, self._now, self._settings)


def stages() -> Stages:
    """Connect, as the operator of the machine acting for the root agency."""
    settings = Settings()
    engine = engine_of(settings)
    with db.reader(engine) as session:
        need_migrated(session)
        root = session.scalars(select(Agency).where(Agency.parent_id.is_(None)).order_by(Agency.id)).first()
    if root is None:
        refuse("还没有机关，请先完成初始化：python -m app init", MISUSED)
    roles = frozenset({Role.SYSTEM_ADMIN})
    actor = Actor(name="cli", label="命令行", agency_id=root.id, agency_path=root.path, roles=roles)
    return CommandStages(engine, settings, actor)
