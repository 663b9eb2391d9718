"""The demo city that several tests look at and none changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from app import db
from app.config import Settings
from app.services.demo.load import Loaded, load
from tests.databases import KEYRING
from tests.town import at

NOW = at("2026-11-23 10:00")
CASES = 80


@dataclass
class Demo:
    engine: Engine
    settings: Settings
    made: Loaded


@contextmanager
def demo_city(url: str, folder: Path) -> Iterator[Demo]:
    """Load the city into the empty database at `url`."""
    engine = db.build_engine(url, keyring=KEYRING)
    settings = Settings(data_dir=folder, database_url=url)
    db.give_journal_key(engine, settings)
    with db.writer(engine) as session:
        made = load(session, settings, NOW, count=CASES, seed=1)
        session.commit()
    yield Demo(engine, settings, made)
    engine.dispose()
