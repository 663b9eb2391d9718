"""Faults set upon the service, the quick version; the whole is `python -m tests.faults`."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.faults import trials
from tests.faults.services import Nursery, nursery
from tests.faults.stage import Stage, stage

FULL = bool(os.environ.get("DISCLOSURE_FULL"))


@pytest.fixture(scope="session")
def forking() -> Iterator[Nursery]:
    with nursery() as opened:
        yield opened


@pytest.fixture
def played(databases: Databases, forking: Nursery, tmp_path: Path) -> Iterator[Stage]:
    with stage(databases, forking, tmp_path) as opened:
        yield opened


def test_a_process_killed_at_a_statement_boundary_leaves_the_act_undone_or_whole(played: Stage) -> None:
    score = trials.boundaries(played, ("register", "record_payment", "sign", "deliver"), stride=1 if FULL else 9)
    assert not score.findings
    assert score.faults >= 8


def test_processes_killed_under_load_lose_and_double_nothing(played: Stage) -> None:
    score = trials.kills(played, 40 if FULL else 3)
    assert not score.findings
    assert score.acknowledged > 10
