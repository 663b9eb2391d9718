"""Opening documents again: what a Word file and a PDF say, and files to send in."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import docx
import pypdfium2

from app.config import Settings
from app.services.rendering import repacked
from tests.town import Town

SETTINGS = Settings(data_dir=Path("unused"))
_PAGE_NUMBER = re.compile(r"— ?\d+ ?—")


def pages_of(pdf: bytes) -> list[str]:
    """Read the text of each page."""
    with pypdfium2.PdfDocument(pdf) as opened:
        return [page.get_textpage().get_text_range() for page in opened]


def pdf_text(pdf: bytes) -> str:
    """Read a PDF's text as one line: where lines and pages end is the layout's affair."""
    return squeezed(_PAGE_NUMBER.sub("", "".join(pages_of(pdf))))


def squeezed(text: str) -> str:
    """Take out white space, and read a hyphen where a PDF reader says that a line ends in one."""
    return re.sub(r"\s", "", re.sub("[\x02\ufffe]", "-", text))


def word_text(content: bytes) -> list[str]:
    """Read the paragraphs of a Word file with a reader that is not ours, those in tables after the others."""
    opened = docx.Document(io.BytesIO(content))
    cells = [p.text for table in opened.tables for row in table.rows for cell in row.cells for p in cell.paragraphs]
    return [p.text for p in opened.paragraphs] + cells


def word_file(*paragraphs: str, header: str = "") -> bytes:
    """Make a Word file with these paragraphs."""
    word = docx.Document()
    for paragraph in paragraphs:
        word.add_paragraph(paragraph)
    if header:
        word.sections[0].header.paragraphs[0].text = header
    out = io.BytesIO()
    word.save(out)
    return repacked(out.getvalue())


def archive(members: dict[str, bytes], *, compressed: bool = True) -> bytes:
    """Make a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return out.getvalue()


def with_member(packed: bytes, name: str, content: bytes) -> bytes:
    """Add a member to an archive."""
    with zipfile.ZipFile(io.BytesIO(packed)) as old:
        members = {entry: old.read(entry) for entry in old.namelist()}
    return archive(members | {name: content})


def documents(place: Town, case: dict[str, Any], who: str = "jingban") -> list[dict[str, Any]]:
    answer = place.get(who, f"/cases/{case['id']}/documents")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def fetched(place: Town, case: dict[str, Any], document: dict[str, Any], form: str, who: str = "jingban") -> bytes:
    answer = place.get(who, f"/cases/{case['id']}/documents/{document['id']}.{form}")
    assert answer.status_code == 200, answer.text
    content: bytes = answer.content
    return content


def said(place: Town, case: dict[str, Any], doc: str, who: str = "jingban") -> str:
    """Read the newest document of a kind in both forms, which must say the same; returns its text without spaces."""
    document = next(row for row in reversed(documents(place, case, who)) if row["doc"] == doc)
    word = squeezed("".join(word_text(fetched(place, case, document, "docx", who))))
    printed = pdf_text(fetched(place, case, document, "pdf", who))
    assert sorted(printed) == sorted(word)
    return word
