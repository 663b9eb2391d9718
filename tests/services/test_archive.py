"""Volumes: sound ones raise no alarm, and whatever is done to one is found."""

import random
from collections.abc import Callable

import pytest

from app.domain.archive import CASE, JOURNAL, MANIFEST
from app.domain.terms import Quality
from app.services import volume_check
from app.services.volumes import pack
from tests import volumes
from tests.volumes import COURSES, DAMAGES, unpack

EACH = 12
"""Times every damage is done; with the twenty kinds of `DAMAGES` 240 in all."""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return volumes.packages(tmp_path_factory.mktemp("volumes"))


@pytest.mark.parametrize("course", COURSES)
def test_a_sound_volume_raises_no_alarm(packages: dict[str, bytes], course: str) -> None:
    assert volume_check.check(packages[course]) == []


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_every_damage_is_found(packages: dict[str, bytes], damage: Callable[[bytes, random.Random], bytes]) -> None:
    rng = random.Random(damage.__name__)
    for _ in range(EACH):
        sound = packages[rng.choice(sorted(packages))]
        damaged = damage(sound, rng)
        assert damaged != sound
        assert volume_check.check(damaged), damage.__name__


def test_a_finding_names_the_file_and_the_quality_it_lacks(packages: dict[str, bytes]) -> None:
    members = unpack(packages["granted"])
    path = "documents/002-reply.pdf"
    found = volume_check.check(pack({name: content for name, content in members.items() if name != path}))
    assert {(finding.path, finding.quality) for finding in found} == {
        (path, Quality.COMPLETENESS),
        (MANIFEST, Quality.AUTHENTICITY),
    }
    found = volume_check.check(pack(members | {path: members[path][:-100]}))
    assert (path, Quality.AUTHENTICITY) in {(finding.path, finding.quality) for finding in found}


def test_a_withdrawn_attachment_is_named_and_not_handed_over(packages: dict[str, bytes]) -> None:
    members = unpack(packages["attached"])
    assert [path for path in members if path.startswith("attachments/")] == [
        "attachments/001-evidence.txt",
        "attachments/002-delivery_proof.png",
    ]
    assert "别人的.txt" in members[CASE].decode()
    assert "不是本案的材料".encode() not in b"".join(members.values())


def test_text_of_an_applicant_is_shown_and_never_acts(packages: dict[str, bytes]) -> None:
    page = unpack(packages["attached"])["index.html"].decode()
    assert "𠮷&lt;某&gt;&amp;{{7*7}}" in page


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\0" * 18, b"not a zip", b"PK\x03\x04"])
def test_what_is_no_volume_is_said_to_be_none(content: bytes) -> None:
    assert volume_check.check(content)


def test_a_journal_that_lacks_what_its_steps_wrote_is_found(packages: dict[str, bytes]) -> None:
    members = unpack(packages["granted"])
    forged = members[JOURNAL].replace(b'"cleared": true', b'"cleared": false')
    assert forged != members[JOURNAL]
    messages = {found.message for found in volume_check.check(volumes.relist(members | {JOURNAL: forged}))}
    assert "签发前没有通过保密审查的记录" in messages
