"""One way each to break a promise, built into a served process: whatever harness misses one of these proves nothing.

A mutant changes the application in the process it is called in, and only there.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Timer
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import db, deps, house
from app.models import Counter
from app.services import answers, clocks, counters, journal
from app.services.answers import Answer, Attempt

LATE = "after the commit"


def _put(module: ModuleType, **names: Callable[..., Any]) -> None:
    """Put other functions in the places of a module's own."""
    for name, function in names.items():
        assert hasattr(module, name), f"{module.__name__}.{name} is gone: this mutant no longer breaks anything"
        setattr(module, name, function)


def answer_before_commit() -> None:
    """The answer leaves first, as FastAPI's default would have it; COMMIT follows a moment later."""

    @contextmanager
    def committed(engine: Engine) -> Iterator[Session]:
        session = db.writer(engine)
        try:
            yield session
        except BaseException:
            session.close()
            raise

        def finish() -> None:
            session.commit()
            session.close()

        Timer(0.05, finish).start()

    _put(deps, committed=committed)


def _with_late_work() -> None:
    """Let writes be put off to a transaction of their own after the act's."""

    @contextmanager
    def committed(engine: Engine) -> Iterator[Session]:
        with house.committed(engine) as session:
            yield session
        for work in session.info.pop(LATE, ()):
            with house.committed(engine) as another:
                work(another)

    _put(deps, committed=committed)


def answer_kept_apart() -> None:
    """The answer of a key is kept in another transaction than the act."""
    keep = answers.keep

    def later(session: Session, attempt: Attempt, answer: Answer, at: datetime, case_ids: Iterable[int] = ()) -> None:
        work: Callable[[Session], None] = lambda another: keep(another, attempt, answer, at, case_ids)  # noqa: E731 - read where it is handed on
        session.info.setdefault(LATE, []).append(work)

    _with_late_work()
    _put(answers, keep=later)


def journal_kept_apart() -> None:
    """The journal's row is written in another transaction than the act."""
    append = journal.append

    def later(session: Session, *given: Any, case: Any = None, **named: Any) -> None:
        def work(another: Session) -> None:
            append(another, *given, case=another.merge(case, load=True) if case else None, **named)

        session.info.setdefault(LATE, []).append(work)

    _with_late_work()
    _put(journal, append=later)


def number_kept_on_rollback() -> None:
    """Numbers are handed out by the process, as a sequence would: those of a rolled back act are skipped."""
    last: dict[str, int] = {}

    def next_numbers(session: Session, name: str, count: int) -> range:
        row = session.scalar(select(Counter).where(Counter.name == name))
        if row is None:
            session.add(row := Counter(name=name, value=0))
        first = max(last.get(name, 0), row.value) + 1
        row.value = last[name] = first + count - 1
        session.flush()
        return range(first, first + count)

    _put(counters, next_numbers=next_numbers)


def failed_commit_swallowed() -> None:
    """A COMMIT that failed is answered like one that did not."""

    @contextmanager
    def committed(engine: Engine) -> Iterator[Session]:
        with db.writer(engine) as session:
            yield session
            try:
                session.commit()
            except DBAPIError:
                session.rollback()

    _put(deps, committed=committed)


def projection_forgotten() -> None:
    """An act enters its clock entries and leaves the case's own dates as they were."""
    project = clocks.project

    def first_only(case: Any, acts: Any, *more: Any) -> None:
        if not acts:
            project(case, acts, *more)

    _put(clocks, project=first_only)


def answers_beside_the_database() -> None:
    """Answers are kept in a file of their own, which a restored back-up does not bring back in step."""
    path = Path(os.environ["DISCLOSURE_DATA_DIR"]) / "answers.json"

    def earlier(_session: Session, attempt: Attempt) -> Answer | None:
        kept = json.loads(path.read_text()) if path.exists() else {}
        return Answer(**kept[attempt.name]) if attempt.name in kept else None

    def keep(_session: Session, attempt: Attempt, answer: Answer, _at: datetime, _case_ids: Iterable[int] = ()) -> None:
        kept = json.loads(path.read_text()) if path.exists() else {}
        kept[attempt.name] = {"status": answer.status, "body": answer.body, "headers": answer.headers}
        path.write_text(json.dumps(kept))

    _put(answers, earlier=earlier, keep=keep)


MUTANTS: Mapping[str, Callable[[], None]] = {
    mutant.__name__: mutant
    for mutant in (
        answer_before_commit,
        answer_kept_apart,
        journal_kept_apart,
        number_kept_on_rollback,
        failed_commit_swallowed,
        projection_forgotten,
        answers_beside_the_database,
    )
}
