"""Jobs run side by side, survive their failures, and finish what they are at when told to stop."""

import datetime as dt
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import create_engine

from app.config import Settings
from app.errors import Unavailable
from app.house import House
from app.workers import runner
from app.workers.jobs import JOBS, Job
from app.workers.runner import run_once, working

NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
PATIENCE_S = 20


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House.of(Settings(data_dir=tmp_path), create_engine("sqlite://"), lambda: NOW)


def test_every_job_has_a_name_of_its_own_and_a_chinese_label() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)
    assert all("\u4e00" <= character <= "\u9fff" for job in JOBS for character in job.label)


def test_a_job_is_called_again_and_again_with_the_time_of_the_house(house: House) -> None:
    calls: list[dt.datetime] = []
    enough = Event()

    def counting(_house: House, now: dt.datetime) -> float:
        calls.append(now)
        if len(calls) == 5:
            enough.set()
        return 0

    with working(house, [Job("count", "计数", counting)]):
        assert enough.wait(PATIENCE_S)
    assert set(calls) == {NOW}


@pytest.mark.parametrize("failure", [Unavailable("数据库繁忙"), ValueError("a mistake of ours")])
def test_a_job_that_fails_is_tried_again_and_holds_up_no_other(
    house: House, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "FIRST_PAUSE_S", 0.01)
    tries: list[int] = []
    recovered, other = Event(), Event()

    def failing(_house: House, _now: dt.datetime) -> float:
        tries.append(1)
        if len(tries) < 3:
            raise failure
        recovered.set()
        return 60

    def steady(_house: House, _now: dt.datetime) -> float:
        other.set()
        return 60

    with working(house, [Job("failing", "失败", failing), Job("steady", "正常", steady)]):
        assert other.wait(PATIENCE_S)
        assert recovered.wait(PATIENCE_S)
    assert len(tries) == 3


def test_stopping_waits_for_the_piece_of_work_at_hand(house: House) -> None:
    begun, may_end = Event(), Event()
    finished: list[bool] = []

    def slow(_house: House, _now: dt.datetime) -> float:
        begun.set()
        may_end.wait(PATIENCE_S)
        finished.append(True)
        return 0

    with working(house, [Job("slow", "慢", slow)]) as stopping:
        assert begun.wait(PATIENCE_S)
        stopping.set()
        may_end.set()
    assert finished == [True]


def test_once_means_until_nothing_is_due(house: House) -> None:
    left = [1, 2, 3]

    def emptying(_house: House, _now: dt.datetime) -> float:
        left.pop()
        return 0 if left else 5

    run_once(house, [Job("empty", "清空", emptying)])
    assert left == []
