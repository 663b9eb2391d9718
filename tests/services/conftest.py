"""Fixtures of the use cases' tests."""

from collections.abc import Iterator

import pytest

from tests.databases import Databases
from tests.demo_city import Demo, demo_city


@pytest.fixture(scope="session")
def demo(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo city for all tests that only look; making it takes longer than looking at it."""
    with demo_city(databases.new(), tmp_path_factory.mktemp("demo")) as made:
        yield made
