"""The application over HTTP, on both databases, with a town of its own for each test; on PostgreSQL under an account that
owns nothing and that row-level security holds for.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.town import Town, town


@pytest.fixture
def place(served_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(served_database, tmp_path) as opened:
        yield opened
