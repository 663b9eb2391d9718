"""Long work in several short transactions, so that nobody else waits for all of it."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from app.services.desk import Desk

Result = TypeVar("Result")
LANES = 2
"""Stages that may write side by side on PostgreSQL: enough to keep its processors busy, few enough to leave most to clerks."""


class Stages(Protocol):
    """Gives each stage a fresh desk: its session, the calendars in force then, the caller and one fixed `now`.

    Nothing is held between two stages, and each is committed before the next begins. Stages may be asked for from any
    thread.
    """

    @property
    def lanes(self) -> int:
        """How many stages that write may run side by side: one on SQLite, else LANES."""

    def read(self, work: Callable[[Desk], Result]) -> Result:
        """Look something up."""

    def write(self, work: Callable[[Desk], Result], *, hold_calendar: bool = True) -> Result:
        """Write something; `hold_calendar` keeps imports out meanwhile (`Calendars.held_book`)."""
