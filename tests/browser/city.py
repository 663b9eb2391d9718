"""A demo city on a real port, as `serve --demo` runs it: its examples stand in the fields, its people share one password."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app import db
from app.config import Settings
from app.main import create_app
from app.migrate import migrate
from app.services.demo import traces
from app.services.demo.load import load
from tests.databases import KEYRING
from tests.demo_city import NOW
from tests.servers import serving


@contextmanager
def demo_city(cases: int) -> Iterator[tuple[str, str]]:
    """Serve a new demo city of this many cases; gives its origin and everybody's password."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), demo=True, secret="pictures-secret-of-at-least-32-characters")
        migrate(settings.url, NOW, keyring=KEYRING)
        engine = db.engine_of(settings, connections=8, keyring=KEYRING)
        with db.writer(engine) as session:
            made = load(session, settings, NOW, count=cases, seed=1)
            session.commit()
        traces.keep(settings, made.examples, NOW.date())
        app = create_app(settings, engine=engine, now=lambda: NOW)
        app.openapi()  # as `serve` does before it is ready
        with serving(app) as origin:
            yield origin, made.password
        engine.dispose()
