"""The floor: endpoints written by hand on Starlette and the driver alone, which do the least the database can be asked.

Each reads or writes the rows that the service's own endpoint has to read or write, without sign-in, validation, clock,
journal or idempotency, and answers what the service has answered, written out as JSON by the fastest writer at hand.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import psycopg
from pydantic_core import to_json
from sqlalchemy import make_url
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.db import SQLITE_PRAGMAS

OVERDUE = """
    SELECT c.id, c.case_no, c.version, a.code, a.region, c.state, c.handler, r.overdue_after, r.due_on, r.target_on, r.next_node,
        r.next_node_on, r.provisional
    FROM running_clocks r JOIN cases c ON c.id = r.case_id JOIN agencies a ON a.id = r.agency_id
    WHERE r.overdue_after < CURRENT_DATE ORDER BY r.overdue_after, r.case_id LIMIT 51
"""
CASE = "SELECT * FROM cases WHERE id = {0}"
TIMELINE = "SELECT * FROM journal WHERE case_id = {0} ORDER BY id"
INSERT = """
    INSERT INTO cases (version, kind, case_no, agency_id, state, channel, query_code_digest, submitted_at, received_on, title,
        created_at, updated_at)
    VALUES (1, 'disclosure', {0}, {0}, 'registered', 'internet', '-', '2026-11-23 09:00:00', '2026-11-23', '-',
        '2026-11-23 09:00:00', '2026-11-23 09:00:00')
"""
UPDATE = "UPDATE cases SET state = 'handling', version = version + 1 WHERE id = {0}"


@dataclass(frozen=True, slots=True)
class Answers:
    """What the service answered, by the floor's own paths."""

    of: Mapping[str, Any]
    agency_id: int


def floor(url: str, answers: Answers) -> Starlette:
    """Build the floor for one database."""
    made = _Sqlite(url, answers) if url.startswith("sqlite") else _Postgres(url, answers)
    return Starlette(
        routes=[
            Route("/overdue", made.overdue),
            Route("/cases/{id:int}", made.case),
            Route("/cases/{id:int}/timeline", made.timeline),
            Route("/cases", made.insert, methods=["POST"]),
            Route("/cases/{id:int}/act", made.update, methods=["POST"]),
        ]
    )


class _Floor:
    def __init__(self, url: str, answers: Answers) -> None:
        self._url, self._answers, self._numbers = url, answers, count(1)

    def _answer(self, name: str) -> Response:
        return Response(to_json(self._answers.of[name]), media_type="application/json")


class _Sqlite(_Floor):
    def __init__(self, url: str, answers: Answers) -> None:
        super().__init__(url, answers)
        self._connection = sqlite3.connect(make_url(url).database or "", isolation_level=None, check_same_thread=False)
        for pragma in SQLITE_PRAGMAS:
            self._connection.execute(pragma)

    async def overdue(self, _request: Request) -> Response:
        self._connection.execute(OVERDUE).fetchall()
        return self._answer("overdue")

    async def case(self, request: Request) -> Response:
        self._connection.execute(CASE.format("?"), (request.path_params["id"],)).fetchall()
        return self._answer("case")

    async def timeline(self, request: Request) -> Response:
        self._connection.execute(TIMELINE.format("?"), (request.path_params["id"],)).fetchall()
        return self._answer("timeline")

    async def insert(self, request: Request) -> Response:
        await request.body()
        self._connection.execute(INSERT.format("?"), (f"F{next(self._numbers)}", self._answers.agency_id))
        return self._answer("insert")

    async def update(self, request: Request) -> Response:
        await request.body()
        self._connection.execute(UPDATE.format("?"), (request.path_params["id"],))
        return self._answer("update")


class _Postgres(_Floor):
    def __init__(self, url: str, answers: Answers) -> None:
        super().__init__(url, answers)
        self._idle: list[psycopg.AsyncConnection] = []

    async def _run(self, statement: str, given: tuple[object, ...], *, rows: bool) -> None:
        plain = make_url(self._url).set(drivername="postgresql").render_as_string(hide_password=False)
        connection = self._idle.pop() if self._idle else await psycopg.AsyncConnection.connect(plain, autocommit=True)
        cursor = await connection.execute(statement, given, prepare=True)
        if rows:
            await cursor.fetchall()
        self._idle.append(connection)

    async def overdue(self, _request: Request) -> Response:
        await self._run(OVERDUE, (), rows=True)
        return self._answer("overdue")

    async def case(self, request: Request) -> Response:
        await self._run(CASE.format("%s"), (request.path_params["id"],), rows=True)
        return self._answer("case")

    async def timeline(self, request: Request) -> Response:
        await self._run(TIMELINE.format("%s"), (request.path_params["id"],), rows=True)
        return self._answer("timeline")

    async def insert(self, request: Request) -> Response:
        await request.body()
        given = (f"F{next(self._numbers)}", self._answers.agency_id)
        await self._run(INSERT.format("%s"), given, rows=False)
        return self._answer("insert")

    async def update(self, request: Request) -> Response:
        await request.body()
        await self._run(UPDATE.format("%s"), (request.path_params["id"],), rows=False)
        return self._answer("update")
