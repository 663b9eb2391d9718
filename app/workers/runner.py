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


class Runner:
    """Runs jobs in threads of this process. `stop` lets each finish the piece of work it is at."""

    def __init__(self, house: House, jobs: Sequence[Job]) -> None:
        self._house, self._jobs = house, jobs
        self._stopping = Event()
        self._threads = [Thread(target=self._keep_doing, args=(job,), name=f"job-{job.name}") for job in jobs]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Say that it is time to stop; returns at once, also from a signal handler."""
        self._stopping.set()

    def join(self) -> None:
        """Wait until every job has finished."""
        for thread in self._threads:
            thread.join()

    def _keep_doing(self, job: Job) -> None:
        pause = FIRST_PAUSE_S
        while not self._stopping.is_set():
            try:
                wait = job.run(self._house, self._house.now())
                pause = FIRST_PAUSE_S
            except (SQLAlchemyError, AppError) as error:  # the database is away or busy: no news worth a traceback
                log.warning("job %s failed, again in %.0f s: %s", job.name, pause, type(error).__name__)
                wait, pause = pause, min(2 * pause, LONGEST_PAUSE_S)
            except Exception:
                log.exception("job %s failed, again in %.0f s", job.name, pause)
                wait, pause = pause, min(2 * pause, LONGEST_PAUSE_S)
            self._stopping.wait(wait)


def run_once(house: House, jobs: Sequence[Job]) -> None:
    """Do everything that is due now and return; a failure is raised."""
    for job in jobs:
        while job.run(house, house.now()) == 0:
            pass


@contextmanager
def working(house: House, jobs: Sequence[Job]) -> Iterator[Runner]:
    """Run jobs in the background; leaving waits for what they are at."""
    runner = Runner(house, jobs)
    runner.start()
    try:
        yield runner
    finally:
        runner.stop()
        runner.join()
