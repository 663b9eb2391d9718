"""Chinese text search on both databases: overlapping pairs of characters as words, and none of them readable.

Each word is kept as a keyed digest in letters and digits, so that neither database's own word splitter, collation or
locale has a say, and so that whoever reads the table alone learns no text. Applicants are not in it at all: they are found
by exact name or number, through `services.blind`.
"""

import re
import unicodedata

from sqlalchemy import ColumnElement, Select, and_, false, func, literal_column, or_, select, text
from sqlalchemy.orm import Session

from app.models import Case, CaseText
from app.models.direct import enter
from app.models.keyring import keyring_of
from app.services import blind

_RUNS = re.compile(r"[a-z0-9]+|[^\W\da-z_]+")


def words(content: str) -> list[str]:
    """Split text into search words: Latin and digit runs whole, other scripts by single characters and pairs."""
    found: dict[str, None] = {}
    for run in _RUNS.findall(_normal(content)):
        if run.isascii():
            found[run] = None
        else:
            for size in (1, 2):
                found |= {run[i : i + size]: None for i in range(len(run) - size + 1)}
    return list(found)


def _wanted(query: str) -> list[str]:
    """Words a query asks for: the longest the index has, so 控制性 asks for its pairs, 控 for itself."""
    found = []
    for run in _RUNS.findall(_normal(query)):
        if run.isascii() or len(run) == 1:
            found.append(run)
        else:
            found += [run[i : i + 2] for i in range(len(run) - 1)]
    return found


def _normal(content: str) -> str:
    return unicodedata.normalize("NFKC", content).lower()


def index(session: Session, case_id: int, *contents: str | None) -> None:
    """Enter the searchable words of a case, in place of those it had."""
    session.merge(CaseText(case_id=case_id, tokens=tokens(session, *contents)))


def index_new(session: Session, case_id: int, *contents: str | None) -> None:
    """Enter the searchable words of a case that has had none."""
    enter(session, CaseText(case_id=case_id, tokens=tokens(session, *contents)))


def tokens(session: Session, *contents: str | None) -> str:
    """Return the words of several texts as the index keeps them."""
    blind_word = keyring_of(session).masters.blind_word
    return " ".join(map(blind_word, words(" ".join(content for content in contents if content))))


def matching(session: Session, query: str) -> ColumnElement[bool]:
    """Build the condition that a case has each part of the query: its words in the text, or the applicant it names."""
    parts = [or_(_said(session, part), blind.applied(session, part)) for part in query.split()]
    return or_(and_(*parts), blind.applied(session, query)) if parts else false()


def _said(session: Session, query: str) -> ColumnElement[bool]:
    """Build the condition that a case has every word of the query; a query without a word finds nothing."""
    wanted = [*map(keyring_of(session).masters.blind_word, _wanted(query))]
    if not wanted:
        return false()
    if session.get_bind().dialect.name == "postgresql":
        vector = func.to_tsvector(literal_column("'simple'"), CaseText.tokens)
        hit = vector.bool_op("@@")(func.to_tsquery(literal_column("'simple'"), " & ".join(wanted)))
        return Case.id.in_(select(CaseText.case_id).where(hit))
    full_text: Select[tuple[int]] = select(literal_column("rowid")).select_from(text("case_texts_fts"))
    return Case.id.in_(full_text.where(literal_column("case_texts_fts").op("MATCH")(" AND ".join(wanted))))
