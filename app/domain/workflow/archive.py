"""归档: the last row; after it nothing is written."""

from app.domain import checks, commands
from app.domain.machine import Guard, Step
from app.domain.terms import CheckGate, Doc, ReasonKind, Role, State

nothing_blocks_archiving = Guard(
    "check_blocked",
    "没有送达凭证，或者归档前检查有未解决的问题（见 checks）",
    lambda f: f.state is not State.DELIVERED or checks.blockers(f, CheckGate.ARCHIVE),
    "条例第45条",
    ReasonKind.DOCUMENT,
)

ROWS = (
    Step(
        "归档",
        commands.Archive,
        frozenset({State.DELIVERED, State.CLOSED}),
        State.ARCHIVED,
        frozenset({Role.ARCHIVIST}),
        "条例第45条、档案法第14条",
        "归档员整理案卷归档。没有送达凭证不能归档；归档后的案件不再接受任何改动。",
        guards=(nothing_blocks_archiving,),
        issues=frozenset({Doc.ARCHIVE_INDEX}),
    ),
)
