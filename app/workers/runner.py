"""Running jobs side by side until told to stop, one thread each, so that a slow one holds up no other."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from app.errors import AppError
from app.house import House
from app.workers.jobs import Job

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
"""After a failure a job is tried again, at first soon, then ever more rarely."""


def run_once(house: House, jobs: Sequence[Job]) -> None:
    """Do everything that is due now and return; a failure is raised."""
    for job in jobs:
        while job.run(house, house.now()) == 0:
            pass


@contextmanager
def working(house: House, jobs: Sequence[Job], *, after_s: float = 0) -> Iterator[Event]:
    """Run jobs in threads of this process; leaving lets each finish the piece of work that it is at.

    Gives what tells them to stop. They begin `after_s` seconds later, so that a service just started answers first.
    """
    stopping = Event()
    threads = [Thread(target=_keep_doing, args=(house, job, stopping, after_s), name=f"job-{job.name}") for job in jobs]
    for thread in threads:
        thread.start()
    try:
        yield stopping
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def _keep_doing(house: House, job: Job, stopping: Event, after_s: float) -> None:
    pause = FIRST_PAUSE_S
    stopping.wait(after_s)
    while not stopping.is_set():
        try:
            wait = job.run(house, house.now())
            pause = FIRST_PAUSE_S
        except (SQLAlchemyError, AppError) as error:  # the database is away or busy: no news worth a traceback
            log.warning("job %s failed, again in %.0f s: %s", job.name, pause, type(error).__name__)
            wait, pause = pause, min(2 * pause, LONGEST_PAUSE_S)
        except Exception:
            log.exception("job %s failed, again in %.0f s", job.name, pause)
            wait, pause = pause, min(2 * pause, LONGEST_PAUSE_S)
        stopping.wait(wait)
