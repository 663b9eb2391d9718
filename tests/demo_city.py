"""The demo city that several tests look at and none changes."""

from dataclasses import dataclass

from sqlalchemy import Engine

from app.config import Settings
from app.services.demo.load import Loaded
from tests.town import at

NOW = at("2026-11-23 10:00")
CASES = 80


@dataclass
class Demo:
    engine: Engine
    settings: Settings
    made: Loaded
