"""The jobs beside a running application, on both databases, with a town of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.town import Town, town


@pytest.fixture
def place(fresh_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(fresh_database, tmp_path) as opened:
        yield opened
