"""No English sentence in what a clerk reads: the document, the codes' labels, the refusals, the pages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine

from app import errors
from app.config import Settings
from app.domain.terms import Term
from app.domain.workflow import WORKFLOWS
from app.main import create_app

ROOT = Path(errors.__file__).parent
PAGES = ROOT / "static"
CODE = re.compile(
    r"If-[A-Za-z-]+|`[^`]*`|\{\{?[^}]*\}\}?|https?://\S+|/[\w{}/.-]+|[\w.+-]+@[\w.]+|“[^”]*”|<[^>]*>|\$\w+"
)
ENGLISH = re.compile(r"[A-Za-z]{2,}(?:[ ,.'-]+[A-Za-z]+){2,}")
"""Three words in a row; a name such as `If-Match` or `OAuth 2` is none."""
SEEN = ("description", "summary", "title", "x-displayName")


@pytest.fixture(scope="module")
def service() -> FastAPI:
    return create_app(Settings(), engine=create_engine("sqlite://"))


def english(text: str) -> list[str]:
    return ENGLISH.findall(CODE.sub(" ", text))


def shown(part: Any) -> Iterator[str]:
    """Give the texts of a document that stand on the page."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name in SEEN and isinstance(value, str):
                yield value
            yield from shown(value)
    elif isinstance(part, list):
        for value in part:
            yield from shown(value)


def test_the_scan_finds_what_it_looks_for() -> None:
    assert english("请先登录 please sign in first")
    assert not english("带 `If-Match: x y z` 的 OAuth 2 令牌，见 /docs/problems")


def test_the_document_holds_no_english_sentence(service: FastAPI) -> None:
    texts = set(shown(service.openapi()))
    assert len(texts) > 1000
    assert [text for text in texts if english(text)] == []


def test_every_label_and_every_refusal_is_chinese() -> None:
    labels = [term.label for terms in Term.__subclasses__() for term in terms]
    rows = [row for workflow in WORKFLOWS.values() for row in workflow.rows]
    labels += [
        text for row in rows for text in (row.label, row.about, row.basis, *(rule.message for rule in row.rules))
    ]
    labels += [text for error in errors.all_errors() for text in (error.title, error.advice)]
    assert len(labels) > 600
    assert [text for text in labels if not re.search(r"[一-龥]", text) or english(text)] == []


def test_what_to_do_after_a_refusal_names_operations_as_the_page_does(service: FastAPI) -> None:
    document = service.openapi()
    names = {operation["summary"] for item in document["paths"].values() for operation in item.values()}
    names |= {tag["x-displayName"] for tag in document["tags"]} | {"试一试", "登录授权", "媒体类型"}
    advice = [name for error in errors.all_errors() for name in re.findall("“(.*?)”", error.advice)]
    assert len(advice) > 10
    assert [name for name in advice if name not in names] == []


def test_what_services_refuse_with_is_chinese() -> None:
    """The sentences are where they are raised: every text given to an error is looked at in the source."""
    names = {error.__name__ for error in errors.all_errors()}
    found = [
        text.value
        for file in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
        for text in node.args[:1]
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    ]
    assert len(found) > 50
    assert [text for text in found if not re.search(r"[一-龥]", text)] == []


@pytest.mark.parametrize("page", sorted(PAGES.rglob("*.html")), ids=lambda page: page.name)
def test_our_own_pages_are_chinese(page: Path) -> None:
    text = re.sub(r"<!--.*?-->|<(script|style)\b.*?</\1>", " ", page.read_text("utf-8"), flags=re.DOTALL)
    assert english(re.sub(r"<[^>]*>", "\n", text)) == []


def test_everything_swagger_ui_writes_on_its_buttons_is_translated() -> None:
    words = (PAGES / "docs" / "chinese.js").read_text("utf-8")
    for text in (
        "Try it out",
        "Execute",
        "Cancel",
        "Clear",
        "Parameters",
        "Responses",
        "Schema",
        "Authorize",
        "Logout",
    ):
        assert re.search(rf'^\s*"?{text}"?: "[一-龥]', words, re.MULTILINE), text
