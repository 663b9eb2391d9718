"""Made-up people whose names, numbers and addresses stand nowhere else, so that finding one means that it got out."""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect, make_url, text

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Planted:
    name: str
    id_number: str
    phone: str
    email: str
    address: str

    def applicant(self, **more: Any) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("name", "id_number", "phone", "email", "address")}
        return {"kind": "natural_person", "id_type": "resident_id", **own, **more}

    def texts(self) -> tuple[str, ...]:
        return (self.name, self.id_number, self.phone, self.email, self.address)


def people(count: int, seed: int = 1) -> list[Planted]:
    chance = random.Random(seed)
    return [_person(chance, number) for number in range(count)]


def _person(chance: random.Random, number: int) -> Planted:
    digits = f"370602{chance.randint(1950, 2005)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}{number % 1000:03}"
    check = "10X98765432"[sum(w * int(d) for w, d in zip(_WEIGHTS, digits, strict=True)) % 11]
    rare = "".join(chr(chance.randint(0x4E00, 0x9F00)) for _ in range(8))
    return Planted(
        name=rare[:3],
        id_number=digits + check,
        phone=f"1{chance.choice('3578')}{chance.randrange(10**9):09}",
        email=f"box{chance.randrange(10**10):010}@example.com",
        address=f"海东区{rare[3:]}路{chance.randint(1000, 9999)}号",
    )


def found_in(content: str | bytes, persons: Iterable[Planted]) -> list[str]:
    """Name what of the people stands in a content, as it is, escaped as JSON, or as the code points of its characters."""
    where = content if isinstance(content, bytes) else content.encode()
    return [text for person in persons for text in person.texts() if any(form in where for form in _forms(text))]


def _forms(value: str) -> Iterator[bytes]:
    yield value.encode()
    yield json.dumps(value).strip('"').encode()
    if not value.isascii():
        yield "".join(f"{ord(character):x}" for character in value).encode()


def dump(engine: Engine) -> bytes:
    """Give everything a thief of the database would have: the bytes of the file, or each row of each table."""
    if engine.dialect.name == "sqlite":
        path = Path(str(make_url(engine.url).database))
        return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
    rows: list[str] = []
    with engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows += connection.scalars(text(f'SELECT t::text FROM "{table}" t')).all()
    return "\n".join(rows).encode()
