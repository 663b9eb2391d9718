"""What is sealed can be opened by its owner with the same key, and by nothing else."""

import pytest

from app.services.secret_box import open_sealed, seal

KEY = b"k" * 32
SECRET = b"12345678901234567890"


def test_a_sealed_secret_is_opened_again_and_never_looks_the_same() -> None:
    first, second = (seal(KEY, "purpose", "7", SECRET) for _ in range(2))
    assert first != second
    assert open_sealed(KEY, "purpose", "7", first) == open_sealed(KEY, "purpose", "7", second) == SECRET


@pytest.mark.parametrize(
    ("key", "purpose", "owner"), [(b"x" * 32, "purpose", "7"), (KEY, "other", "7"), (KEY, "purpose", "8")]
)
def test_another_key_purpose_or_owner_opens_nothing(key: bytes, purpose: str, owner: str) -> None:
    assert open_sealed(key, purpose, owner, seal(KEY, "purpose", "7", SECRET)) is None


def test_every_altered_character_is_noticed() -> None:
    sealed = seal(KEY, "purpose", "7", SECRET)
    for at, character in enumerate(sealed):
        altered = sealed[:at] + ("A" if character != "A" else "B") + sealed[at + 1 :]
        assert open_sealed(KEY, "purpose", "7", altered) is None, at
    for broken in ("", "1:", "1:AAAA", "2:" + sealed[2:], sealed[:-4], "1:é"):
        assert open_sealed(KEY, "purpose", "7", broken) is None
