"""Long writes over HTTP: one request, several short transactions (`app.services.stages`)."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from anyio import from_thread
from anyio.lowlevel import EventLoopToken, current_token
from fastapi import Depends, Request, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.deps import Bearer, HouseDep, IdempotencyKey, Key, body_digest, caller
from app.domain.actor import Actor
from app.house import House
from app.services import answers, visibility
from app.services.answers import Answer, Attempt
from app.services.calendars import Book
from app.services.desk import Desk
from app.services.stages import LANES, Stages

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class LongWrite:
    """A signed-in caller's long piece of work in several short transactions; see `services.stages`.

    For plain `def` endpoints: the thread of the endpoint waits while each stage takes its slot like any other request.
    """

    house: House
    actor: Actor
    now: dt.datetime
    attempt: Attempt | None
    loop: EventLoopToken  # a lane of the work is a thread that has not come from the event loop

    @property
    def lanes(self) -> int:
        return 1 if self.house.settings.is_sqlite else LANES

    def read(self, work: Callable[[Desk], Result]) -> Result:
        return from_thread.run(
            self.house.read, lambda session: work(self._desk(session, self.house.calendars.book)), token=self.loop
        )

    def write(self, work: Callable[[Desk], Result], *, hold_calendar: bool = True) -> Result:
        find = self.house.calendars.held_book if hold_calendar else self.house.calendars.book
        return from_thread.run(self.house.write, lambda session: work(self._desk(session, find)), token=self.loop)

    def _desk(self, session: Session, find: Callable[[Session], Book]) -> Desk:
        visibility.bind(session, self.actor)
        return Desk(session, self.actor, find(session), self.now, self.house.settings)

    def answer(self, work: Callable[[Stages], tuple[int, BaseModel]]) -> Response:
        """Do the work; a repeated attempt gets the first answer again.

        The answer is kept after the work, not with it: work in stages must be such that doing it again changes nothing.
        """
        attempt = self.attempt
        given = self.write(lambda desk: answers.earlier(desk.session, attempt)) if attempt else None
        if given is None:
            status, result = work(self)
            given = answer = Answer(status, result.model_dump_json(by_alias=True), {})
            if attempt:
                self.write(lambda desk: answers.keep(desk.session, attempt, answer, self.now))
        return Response(given.body, given.status, given.headers, "application/json")


async def _stages(
    request: Request,
    house: HouseDep,
    token: Bearer,
    key: Key,
    digest: Annotated[str, Depends(body_digest)],
    idempotency_key: IdempotencyKey = None,
) -> LongWrite:
    now = house.now()
    actor, sign_in = await house.read(lambda session: caller(request, session, house, token, key, now))
    if sign_in:
        await house.mark_used(sign_in.digest, now)
    attempt = None
    if idempotency_key:
        attempt = answers.attempt(
            house.settings.key, actor.account, request.method, request.url.path, idempotency_key, digest
        )
    return LongWrite(house, actor, now, attempt, current_token())


WriteInStages = Annotated[LongWrite, Depends(_stages)]
