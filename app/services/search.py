"""Chinese text search on both databases: overlapping pairs of characters as words.

Words are written as ASCII so that neither database's own word splitter, collation or locale has a say.
"""

import re
import unicodedata

from sqlalchemy import ColumnElement, Select, false, func, literal_column, select, text
from sqlalchemy.orm import Session

from app.models import Case, CaseText

_RUNS = re.compile(r"[a-z0-9]+|[^\W\da-z_]+")


def words(content: str) -> list[str]:
    """Split text into search words: Latin and digit runs whole, other scripts by single characters and pairs."""
    found: dict[str, None] = {}
    for run in _RUNS.findall(unicodedata.normalize("NFKC", content).lower()):
        if run.isascii():
            found[run] = None
        else:
            for size in (1, 2):
                found |= {_word(run[i : i + size]): None for i in range(len(run) - size + 1)}
    return list(found)


def _word(characters: str) -> str:
    return "u" + "".join(f"{ord(character):x}" for character in characters)


def _wanted(query: str) -> list[str]:
    """Words a query asks for: the longest the index has, so 控制性 asks for its pairs, 控 for itself."""
    found = []
    for run in _RUNS.findall(unicodedata.normalize("NFKC", query).lower()):
        if run.isascii() or len(run) == 1:
            found.append(run if run.isascii() else _word(run))
        else:
            found += [_word(run[i : i + 2]) for i in range(len(run) - 1)]
    return found


def index(session: Session, case_id: int, *contents: str | None) -> None:
    """Enter the searchable words of a case."""
    session.merge(CaseText(case_id=case_id, tokens=tokens(*contents)))


def tokens(*contents: str | None) -> str:
    """Return the words of several texts as the index keeps them."""
    return " ".join(words(" ".join(content for content in contents if content)))


def matching(session: Session, query: str) -> ColumnElement[bool]:
    """Build the condition that a case has every word of the query; a query without a word finds nothing."""
    wanted = _wanted(query)
    if not wanted:
        return false()
    if session.get_bind().dialect.name == "postgresql":
        vector = func.to_tsvector(literal_column("'simple'"), CaseText.tokens)
        hit = vector.bool_op("@@")(func.to_tsquery(literal_column("'simple'"), " & ".join(wanted)))
        return Case.id.in_(select(CaseText.case_id).where(hit))
    full_text: Select[tuple[int]] = select(literal_column("rowid")).select_from(text("case_texts_fts"))
    return Case.id.in_(full_text.where(literal_column("case_texts_fts").op("MATCH")(" AND ".join(wanted))))
