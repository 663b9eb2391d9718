"""What is owed to third parties before something of theirs is disclosed or withheld (条例第15条、第32条)."""

from collections.abc import Iterator

from app.domain import commands
from app.domain.facts import Facts
from app.domain.fold import gather
from app.domain.terms import ConsultationKind, Position, ReplyKind

_DISCLOSING = frozenset({ReplyKind.GRANT, ReplyKind.PARTIAL})
_SPARING = frozenset({ReplyKind.PARTIAL, ReplyKind.DENY_THIRD_PARTY})
"""Replies that may keep back the very part a third party objects to."""


def _letters(facts: Facts) -> list[commands.Consult]:
    return [letter for letter in facts.taken(commands.Consult) if letter.kind is ConsultationKind.THIRD_PARTY]


def _positions(facts: Facts) -> dict[str, Position]:
    """Give the newest opinion on each letter."""
    return {answer.ref: answer.position for answer in facts.taken(commands.RecordConsultationAnswer)}


def _flagged(facts: Facts) -> bool:
    draft = facts.last(commands.Submit)
    return draft is not None and draft.third_party_concerned


def weighs_third_party(facts: Facts) -> bool:
    """Tell whether the draft touches a third party: it says so, it withholds for one, or one was asked."""
    if not facts.conclusions:
        return False
    asked = bool(_letters(facts)) and not facts.kinds.isdisjoint(_DISCLOSING)
    return _flagged(facts) or ReplyKind.DENY_THIRD_PARTY in facts.kinds or asked


def unconsulted(facts: Facts) -> list[str]:
    """Name each third party that was not asked, or whose time to answer still runs (K05)."""
    if not weighs_third_party(facts):
        return []
    letters, positions = _letters(facts), _positions(facts)
    if not letters:
        return ["涉及第三方合法权益，但没有征求第三方意见的记录"]
    found = [*_outstanding(facts, letters, positions)]
    agreed = all(positions.get(letter.ref) is Position.AGREES for letter in letters)
    if ReplyKind.DENY_THIRD_PARTY in facts.kinds and agreed:
        parties = "、".join(letter.party for letter in letters)
        found.append(f"{parties}已经同意公开，不能以损害第三方合法权益为由不予公开（条例第15条）")
    return found


def _outstanding(facts: Facts, letters: list[commands.Consult], positions: dict[str, Position]) -> Iterator[str]:
    if facts.received_on is None:
        return
    rules = facts.settings.clock_rules()
    history = gather(facts.received_on, facts.acts, rules)
    for letter in letters:
        if letter.ref in positions:
            continue
        name = f"征求意见书{letter.ref}（{letter.party}）"
        sending = history.consultations.get(letter.ref)
        if sending is None or sending.delivered_on is None:
            yield f"{name}没有登记送达之日，也没有收到意见"
        elif facts.today <= (limit := sending.limit_on(rules, facts.calendar)):
            yield f"{name}尚未收到意见，对方答复的期限到{limit}"


def _overruled(facts: Facts) -> list[commands.Consult]:
    """Give the letters whose party does not agree to what the draft discloses.

    A reply that withholds something may have spared the objector; then the drafter's own mark decides.
    """
    if facts.kinds.isdisjoint(_DISCLOSING):
        return []
    positions = _positions(facts)
    spared = not facts.kinds.isdisjoint(_SPARING)
    against = {Position.OBJECTS} if spared else {Position.OBJECTS, Position.AGREES_IN_PART}
    if spared and not _flagged(facts):
        return []
    return [letter for letter in _letters(facts) if positions.get(letter.ref) in against]


def withstands_objection(facts: Facts) -> bool:
    """Tell whether the draft discloses what a third party would not have disclosed."""
    return bool(_overruled(facts))


def unnotified(facts: Facts) -> list[str]:
    """Name each overruled third party that was not told what is disclosed and why (K06)."""
    told = {notice.ref for notice in facts.taken(commands.NotifyThirdParty)}
    return [
        f"{letter.party}（征求意见书{letter.ref}）不同意公开，尚未把决定公开的内容和理由书面告知"
        for letter in _overruled(facts)
        if letter.ref not in told
    ]
