"""Turning away who asks too often for what is expensive, before the endpoint takes a slot."""

import logging

from fastapi import BackgroundTasks, Depends, Request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.deps import HouseDep, api_key, bearer, caller
from app.errors import AppError
from app.house import House
from app.services import expenses, rates
from app.services.rates import Wanted

log = logging.getLogger(__name__)


async def _spend(request: Request, house: HouseDep, afterwards: BackgroundTasks) -> None:
    operation = request.scope["route"].name
    if expense := expenses.BY_SOURCE.get(operation):
        address = request.client.host if request.client else ""
        wanted = expenses.of_source(house.settings, expense, address)
        await house.read(lambda session: rates.check(session, wanted, house.now()))
    elif expense := expenses.of_caller(operation, request.query_params):
        token, key = await bearer(request), await api_key(request)
        if bool(token) == bool(key):
            return  # refused by `deps`
        now = house.now()

        def judged(session: Session) -> Wanted:
            actor, _ = caller(request, session, house, token, key, now)
            wanted = expenses.of_actor(house.settings, expense, actor)
            rates.check(session, wanted, now)
            return wanted

        wanted = await house.read(judged)
    else:
        return
    if expense in expenses.COUNTED_AFTERWARDS:
        afterwards.add_task(_count, house, wanted)
    else:
        await house.write(lambda session: rates.take(session, wanted, house.now()))


async def _count(house: House, wanted: Wanted) -> None:
    try:
        await house.write(lambda session: rates.take(session, wanted, house.now()))
    except (AppError, SQLAlchemyError) as error:  # he was answered already; the next one is refused
        log.info("an expense was not counted: %s", type(error).__name__)


LIMITED = Depends(_spend)
"""For `doors(dependencies=[LIMITED])`: which operations it concerns stands in `services.expenses`."""
