"""What costs the service more than a look at a row, and how often one caller may ask for it.

One table by operation, read three times: by `http.limited` before an endpoint runs, by the OpenAPI document, and by the
test that finds an expensive operation that is not in it.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from app.config import Settings
from app.domain.actor import Actor
from app.services.rates import Rate, Wanted
from app.services.subjects import network, subject


class Expense(StrEnum):
    """Kinds of expense, each with an allowance `rate_…` in the settings."""

    EXPORTS = "exports"
    STATISTICS = "statistics"
    SEARCH = "search"
    DOCUMENTS = "documents"
    SETUP = "setup"
    SIGN_IN = "sign_in"
    SINGLE_SIGN_ON = "single_sign_on"
    LOOKUP = "lookup"


BY_CALLER: Mapping[str, Expense] = {
    **dict.fromkeys(
        (
            "export_ledger",
            "get_annual_report_docx",
            "get_annual_report_snapshot_xlsx",
            "get_annual_report_xlsx",
            "get_bulletin_document",
            "get_bulletin_workbook",
            "get_comparison_workbook",
            "get_problems_workbook",
            "get_volume",
            "import_ledger",
            "import_published_workbook",
        ),
        Expense.EXPORTS,
    ),
    **dict.fromkeys(
        (
            "compare_agencies",
            "compare_annual_report_snapshot",
            "count_problems",
            "freeze_annual_report",
            "get_annual_report",
            "get_annual_report_snapshot",
            "get_board",
            "get_bulletin",
            "get_losses",
            "get_overview",
            "import_published_report",
            "list_annual_report_cases",
            "list_annual_report_remedies",
            "list_annual_report_snapshots",
            "list_due_days",
            "list_effects",
            "list_frequent_applicants",
            "list_hot_subjects",
            "list_journal",
            "list_marked",
        ),
        Expense.STATISTICS,
    ),
    **dict.fromkeys(("list_candidates", "list_similar", "search_cases", "suggest"), Expense.SEARCH),
    **dict.fromkeys(
        (
            "add_attachment",
            "add_paper_file",
            "get_document_docx",
            "get_document_pdf",
            "print_clock",
            "print_receipt",
            "set_document_template",
        ),
        Expense.DOCUMENTS,
    ),
}
"""Operations that are counted against who is signed in."""

WITH_TEXT: Mapping[str, Expense] = dict.fromkeys(("list_cases", "get_worklist"), Expense.SEARCH)
"""Counted only when a text is looked for (`q`)."""

BY_SOURCE: Mapping[str, Expense] = {
    "set_up": Expense.SETUP,
    "exchange_code": Expense.SIGN_IN,
    "revoke_token": Expense.SIGN_IN,
}
"""Operations that are counted against the network a request comes from: nobody is signed in yet."""

LIMITED = frozenset({*BY_CALLER, *WITH_TEXT, *BY_SOURCE})

COUNTED_AFTERWARDS = frozenset({Expense.STATISTICS, Expense.SEARCH})
"""Mere looks, which never wait for the one who writes: they are counted when they have been answered."""


def of_caller(operation: str, parameters: Mapping[str, str]) -> Expense | None:
    """Return what an operation costs the one who is signed in."""
    return BY_CALLER.get(operation) or (WITH_TEXT.get(operation) if parameters.get("q") else None)


def of_actor(settings: Settings, expense: Expense, actor: Actor) -> Wanted:
    """Count against an account or a key; a portal's and a person's do not mix."""
    return {subject(settings.key, "expense", expense, "account", actor.account): rate(settings, expense)}


def of_source(settings: Settings, expense: Expense, address: str) -> Wanted:
    """Count against a source."""
    return {subject(settings.key, "expense", expense, "source", network(address)): rate(settings, expense)}


def rate(settings: Settings, expense: Expense) -> Rate:
    """Return how often a caller may; by the settings."""
    allowed = settings.rate(expense)
    return Rate(allowed.at_once, timedelta(seconds=allowed.every_s))
