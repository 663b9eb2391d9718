"""What a demo city leaves behind: its mark in the journal, and the examples beside the data. Nothing here makes one."""

import datetime as dt
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Settings
from app.models import JournalEntry

MARK = "demo_loaded"
"""The journal's act that tells a database with demo data from any other."""

Examples = dict[str, dict[str, Any]]
"""By operation: the values of its parameters, and under `body` the fields of its body that name something."""

EVERYWHERE = ""
"""In `Examples`: what the operations without values of their own show."""

FILE = "demo-examples.json"


def is_demo(session: Session) -> bool:
    """Tell whether this database holds the demo city."""
    return session.scalar(select(JournalEntry.id).where(JournalEntry.act == MARK).limit(1)) is not None


def keep(settings: Settings, examples: Examples, on: dt.date) -> None:
    """Keep what is shown beside the data, for whoever serves them on this machine."""
    path = settings.data_dir / FILE
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps({"on": str(on), "examples": examples}, ensure_ascii=False, indent=1), "utf-8")


def kept(settings: Settings) -> tuple[Examples, dt.date] | None:
    """Read what is shown, and the day it was chosen; None where no demo city was made on this machine."""
    path = settings.data_dir / FILE
    if not settings.demo or not path.exists():
        return None
    found = json.loads(path.read_text("utf-8"))
    return found["examples"], dt.date.fromisoformat(found["on"])
