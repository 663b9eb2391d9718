"""Putting the house together: one function from settings to a running application, no module globals."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from threading import Event
from typing import Any

from fastapi import FastAPI
from sqlalchemy import Engine

from app import __version__, db, openapi, problems
from app.board_page import mount_board
from app.config import Settings
from app.deps import PREFIX
from app.docs_page import mount_docs
from app.guide_page import mount_guides
from app.house import House
from app.http.bodies import StrictBodies
from app.http.doors import Door, doors, unguarded
from app.http.kept import KeptAnswers
from app.http.limited import LIMITED
from app.http.metrics import Counts, mount_metrics
from app.http.origins import ListedOrigins
from app.http.requests import NumberedRequests
from app.http.streams import Streams
from app.models import Keyring
from app.routers import (
    admin,
    annual_report,
    archive,
    assistance,
    board,
    bulletin,
    calendar,
    cases,
    clock,
    documents,
    feed,
    fees,
    figures,
    health,
    intake,
    journal,
    ledger,
    messages,
    oauth,
    personal,
    polling,
    public,
    publications,
    recovery,
    remedies,
    second_factor,
    sign_ins,
    single_sign_on,
    supervision,
    webhooks,
    workflow,
    worklist,
)
from app.services.demo import traces


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


IN_ORDER = (
    worklist,
    intake,
    polling,
    feed,
    webhooks,
    cases,
    personal,
    documents,
    archive,
    assistance,
    messages,
    remedies,
    figures,
    board,
    bulletin,
    supervision,
    publications,
    ledger,
    annual_report,
    fees,
    clock,
    calendar,
    workflow,
    journal,
    public,
    admin,
    second_factor,
    sign_ins,
)
"""The routers under the prefix, the more particular addresses before the general ones."""


@cache
def _interface() -> list[Door]:
    """Put the routers together, once in a process. An operation that does not say who may call it ends the start."""
    every: dict[str, Any] = {"generate_unique_id_function": openapi.operation_id, "responses": openapi.RESPONSES}
    limited = every | {"dependencies": [LIMITED]}
    found = [door for part in IN_ORDER for door in doors(part.router, prefix=PREFIX, **limited)]
    found += doors(oauth.router, **limited)
    for part in (single_sign_on, recovery, health):
        found += doors(part.router, **every)
    if names := unguarded(found):
        raise RuntimeError(f"endpoints that do not say who may call them: {names}")
    return found


def create_app(
    settings: Settings | None = None, *, engine: Engine | None = None, now: Callable[[], dt.datetime] = _now
) -> FastAPI:
    """Build the application; `engine` and `now` are handed in by tests, made from the settings otherwise."""
    settings = settings or Settings()
    keyring = Keyring(settings.cipher_suite, settings.master_keys)
    connections = settings.readers + settings.writers_at_once
    engine = db.with_keys(engine or db.build_engine(settings.url, connections=connections), keyring)

    leaving = Event()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.house = House.of(settings, engine, now)
        streams = app.state.streams = Streams(app.state.house, leaving=leaving.is_set)
        yield
        await streams.close()
        app.state.house.pulse.close()
        engine.dispose()

    app = FastAPI(
        title="依申请公开办理服务",
        version=__version__,
        description=openapi.DESCRIPTION,
        openapi_url=None,  # served by openapi.finish
        docs_url=None,  # the framework's page loads scripts from elsewhere; ours is in docs_page
        redoc_url=None,
        redirect_slashes=False,  # the redirect would repeat whatever Host the caller claims
        lifespan=lifespan,
    )
    app.state.leaving = leaving  # set by whoever is told to stop serving: streams end before the server waits for them
    problems.install(app)
    app.add_middleware(KeptAnswers, routes=_interface())
    mount_metrics(app, Counts(), lambda: app.state.streams.count)
    app.add_middleware(StrictBodies, json_limit=settings.json_limit, upload_limit=settings.upload_limit)
    app.add_middleware(ListedOrigins, origins=settings.cors_origins)
    # Outermost: its number and headers are on every answer.
    app.add_middleware(NumberedRequests, public_url=settings.public_url)
    app.router.routes.extend(_interface())
    mount_docs(
        app,
        openapi_url=openapi.URL,
        title="依申请公开办理服务",
        oauth_client_id=oauth.SWAGGER_CLIENT,
        me_url=f"{PREFIX}/me",
    )
    mount_board(app)
    mount_guides(app)
    app.state.description = openapi.finish(app, traces.kept(settings))
    return app
