"""Rows with personal data for the data sets of the benchmarks: sealed as the service does it, inserted a table at a time."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.models import Base, Case, Keyring
from app.models.keyring import fresh, keyring_of
from app.sealing import MasterKeys

RING = Keyring("aes-256-gcm", cache(MasterKeys.fresh))

Rows = Sequence[dict[str, Any]]


def enter(session: Session, cases: Rows, beside: Mapping[type[Base], Rows]) -> None:
    """Insert cases, each with a key of its own, and the rows beside them (which name their `case_id`)."""
    ring = keyring_of(session)
    keys = {row["id"]: fresh() for row in cases}
    session.execute(insert(Case), [ring.sealed(Case, row, keys[row["id"]]) for row in cases])
    for agency_id, own in groupby(sorted(cases, key=_agency), key=_agency):
        some = list(own)
        ring.keep(session, {row["id"]: keys[row["id"]] for row in some}, agency_id, some[0]["created_at"])
    for kind, rows in ((kind, rows) for kind, rows in beside.items() if rows):  # no rows would be one of defaults
        session.execute(insert(kind), [ring.sealed(kind, row, keys[row["case_id"]]) for row in rows])


def _agency(row: dict[str, Any]) -> int:
    agency_id: int = row["agency_id"]
    return agency_id
