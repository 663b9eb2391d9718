"""Work that is handed to a child process: done once, and done here if the child does not come back with it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.openapi.prepared import Prepared
from tests.architecture.tree import ROOT

# Other tests leave threads behind; a service has none yet when it begins.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def test_what_a_child_makes_is_handed_over_and_not_made_again() -> None:
    made = Prepared(lambda: str(os.getpid()).encode())
    made.begin()
    assert int(made.get()) != os.getpid()
    assert made.get() == made.get()


def test_without_a_child_whoever_asks_first_does_the_work() -> None:
    assert int(Prepared(lambda: str(os.getpid()).encode()).get()) == os.getpid()


def test_the_work_of_a_child_that_was_killed_is_done_here(tmp_path: Path) -> None:
    here = os.getpid()

    def work() -> bytes:
        if os.getpid() != here:
            (tmp_path / "begun").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return b"done here"

    made = Prepared(work)
    made.begin()
    assert made.get() == b"done here"
    assert (tmp_path / "begun").exists()


KILLED = """
import os, signal, time
from app.openapi.prepared import Prepared

def work():
    while os.getppid() == begun:
        time.sleep(0.01)
    return b"x" * (1 << 20)

begun = os.getpid()
Prepared(work).begin()
os.kill(begun, signal.SIGKILL)
"""


def test_a_child_ends_when_the_process_that_began_it_was_killed() -> None:
    """It holds the other end of the pipes that are read here: they close when it is gone."""
    done = subprocess.run([sys.executable, "-c", KILLED], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, b"")


def test_more_than_a_pipe_holds_arrives_whole_though_nobody_asks_for_it() -> None:
    made = Prepared(lambda: b"x" * (1 << 20))
    made.begin()
    assert len(made.get()) == 1 << 20
