"""Every benchmark, one after another, written down: `python -m benchmarks [--quick] [--only NAME …] [--out docs/performance.md]`.

Each subject also runs alone (`python -m benchmarks.paths`, …) and runs here in a process of its own, so that none inherits the
memory of another. What they print is put down as it comes; no figure in the file is typed by hand.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.results import machine


@dataclass(frozen=True, slots=True)
class Subject:
    """One benchmark: its module, what is asked, and its sizes."""

    name: str
    title: str
    whole: Sequence[str] = ()
    quick: Sequence[str] = ()


SUBJECTS = (
    Subject("paths", "Hot paths through the whole API", (), ("--cases", "10000", "--seconds", "1", "--rounds", "3")),
    Subject("sync_or_async", "Threads or the loop", (), ("--seconds", "1")),
    Subject("http", "A mixed load at 16 and at 100 connections", (), ("--seconds", "3")),
    Subject("streams", "A thousand open streams", (), ("--streams", "200", "--acts", "20")),
    Subject("starting", "Start-up and memory", (), ("--rounds", "3")),
    Subject("deadlines", "Deadlines in the domain"),
    Subject("annual_report", "The annual report of a city", (), ("--cases", "20000")),
    Subject("webhooks", "Receivers that hang", (), ("--seconds", "3", "--rounds", "2")),
    Subject("recompute", "A new notice while others work", (), ("--cases", "10000")),
    Subject("figures", "Figures of the supervision board", ("1000000",), ("15000",)),
    Subject("documents", "Making documents"),
    Subject("similar", "Finding repeated requests", (), ("4000",)),
    Subject("docs_page", "Swagger UI in a browser"),
)
INTRODUCTION = """# Performance

Written by `python -m benchmarks{arguments}`; do not edit. Times depend on the machine and on what else it was doing; what
counts are the ratios, which are measured within one run against a floor written by hand (`benchmarks/floor.py`).

{machine}
"""


def measured(subject: Subject, *, quick: bool) -> str:
    """Run one subject and give its section."""
    options = subject.quick if quick else subject.whole
    command = [sys.executable, "-m", f"benchmarks.{subject.name}", *options]
    print(f"== {subject.name} {' '.join(options)}", flush=True)
    began = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    seconds = time.monotonic() - began
    said = done.stdout.strip() or "(nothing)"
    lines = said.splitlines()
    is_table = any(line.startswith("|") for line in lines)
    body = said if is_table else f"```text\n{said}\n```"
    ended = "" if done.returncode == 0 else f"\n\n**It ended with {done.returncode}.**"
    shown = " ".join(("python -m", f"benchmarks.{subject.name}", *options))
    return f"## {subject.title}\n\n`{shown}`, {seconds:.0f} s\n\n{body}{ended}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes: minutes instead of hours")
    names = [subject.name for subject in SUBJECTS]
    parser.add_argument("--only", nargs="+", default=names, choices=names)
    parser.add_argument("--out", type=Path, default=Path("docs/performance.md"))
    given = parser.parse_args()
    arguments = "".join((" --quick" * given.quick, f" --only {' '.join(given.only)}" * (given.only != names)))
    sections = [INTRODUCTION.format(arguments=arguments, machine=machine())]
    for subject in SUBJECTS:
        if subject.name in given.only:
            sections.append(measured(subject, quick=given.quick))
            given.out.write_text("\n".join(sections), "utf-8")  # as far as it has come, should it be broken off
    print(f"written to {given.out}")


if __name__ == "__main__":
    main()
