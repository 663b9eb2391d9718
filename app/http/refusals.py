"""Telling the log and the journal of a refusal, after its answer has left."""

import logging

from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask
from starlette.requests import Request

from app.domain.actor import Actor
from app.errors import AppError
from app.house import House
from app.services import refusals
from app.services.refusals import Due, Refusal

log = logging.getLogger(__name__)

_MOST_REASONS = 10


def noted(request: Request, error: AppError) -> BackgroundTask | None:
    """Log a refusal in codes and numbers; returns what is left to be done for the journal once the answer has left."""
    route = request.scope.get("route")
    actor: Actor | None = getattr(request.state, "actor", None)
    refusal = Refusal(
        operation=route.name if route else "",
        status=error.status,
        code=error.code,
        reasons=tuple(str(reason["code"]) for reason in error.reasons[:_MOST_REASONS]),
        ids={name: int(given) for name, given in request.path_params.items() if _is_id(name, given)},
        request_id=request.scope.get("request_id", ""),
    )
    who = actor.name if actor else ""
    log.info(
        "refused status=%d code=%s operation=%s actor=%s request=%s",
        *(error.status, error.code, refusal.operation or "-", who or "-", refusal.request_id or "-"),
    )
    if not (error.journalled and route):
        return None
    house: House = request.app.state.house
    due = house.refusals.count(who, refusal, house.now())
    return BackgroundTask(_write_down, house, actor, refusal, due) if due else None


def _is_id(name: str, given: object) -> bool:
    return name.endswith("_id") and str(given).isdecimal() and len(str(given)) <= len(str(2**53))


async def _write_down(house: House, actor: Actor | None, refusal: Refusal, due: Due) -> None:
    try:
        await house.write(lambda session: refusals.record(session, actor, refusal, due, house.now()))
    except (AppError, SQLAlchemyError) as error:  # it was refused all the same, and stands in the log
        log.warning("refusal %s is not in the journal: %s", refusal.request_id, type(error).__name__)
