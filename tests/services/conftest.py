"""Fixtures of the use cases' tests."""

from collections.abc import Iterator

import pytest

from app import db
from app.config import Settings
from app.services.demo.load import load
from tests.databases import KEYRING, Databases
from tests.demo_city import CASES, NOW, Demo


@pytest.fixture(scope="session")
def demo(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo city for all tests that only look; making it takes longer than looking at it."""
    url = databases.new()
    engine = db.build_engine(url, keyring=KEYRING)
    settings = Settings(data_dir=tmp_path_factory.mktemp("demo"), database_url=url)
    db.give_journal_key(engine, settings)
    with db.writer(engine) as session:
        made = load(session, settings, NOW, count=CASES, seed=1)
        session.commit()
    yield Demo(engine, settings, made)
    engine.dispose()
