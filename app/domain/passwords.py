"""What a person's password must be: long, and not one of those that are guessed first (NIST SP 800-63B-4).

In the modern profile no rule demands kinds of characters, and none a change after so many days: both make people choose
worse ones. The profile `mlps` adds what assessors of GB/T 22239-2019 (等级保护) ask for: complexity, ageing, no return
to an earlier password. Its numbers are settings; the standard names none.
"""

import re
import unicodedata
from typing import Final, Literal

from app.domain.common_passwords import COMMON

Profile = Literal["modern", "mlps"]

SHORTEST: Final = 12
LONGEST: Final = 128

_WORDS = (
    "password", "passw0rd", "admin", "administrator", "root", "user", "test", "guest", "login", "welcome", "default",
    "system", "changeme", "letmein", "secret", "qwerty", "abc", "iloveyou", "woaini", "mima", "denglu", "guanliyuan",
    "zhengfu", "gongkai", "yishenqing", "xinxi", "zhongguo", "china", "disclosure", "government", "gov",
)  # fmt: skip
_ROWS = (
    "0123456789", "01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p", "!@#$%^&*()",
)  # fmt: skip
_LEAST_LEFT = 8
_LEAST_KINDS = 3
_KINDS = {"大写字母": "A-Z", "小写字母": "a-z", "数字": "0-9", "其他字符": "^A-Za-z0-9"}

_WORD = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))
_YEAR_OR_DAY = re.compile(r"(?:19|20)\d\d(?:[-./]?[01]\d[-./]?[0-3]\d)?")
_REPEATED = re.compile(r"(.{1,6}?)\1{2,}")


def plain(password: str) -> str:
    """Return the one form in which a password is hashed and compared, however the keyboard composed it."""
    return unicodedata.normalize("NFKC", password)


def is_classified(profile: Profile) -> bool:
    """Tell whether a profile asks for complexity, ageing and history."""
    return profile == "mlps"


def rule(profile: Profile) -> str:
    """Say in one Chinese sentence what a password has to be, for the page where one is chosen."""
    kinds = f"{'、'.join(_KINDS)}中至少有{_LEAST_KINDS}种，" if is_classified(profile) else ""
    return f"至少{SHORTEST}个字符，{kinds}不包含登录名，不用常见的密码；几个不相干的词连起来既好记又安全。"


def objections(password: str, username: str, profile: Profile = "modern") -> tuple[str, ...]:
    """Say in Chinese everything that is wrong with a new password; nothing when it may be used."""
    text = plain(password)
    low = text.casefold()
    found = []
    if len(text) < SHORTEST:
        found.append(f"密码至少{SHORTEST}个字符")
    if len(text) > LONGEST:
        found.append(f"密码最多{LONGEST}个字符")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in text):
        found.append("密码不能含控制字符")
    if username.casefold() in low:
        found.append("密码不能包含登录名")
    if is_classified(profile) and sum(bool(re.search(f"[{kind}]", text)) for kind in _KINDS.values()) < _LEAST_KINDS:
        found.append(f"密码须含{'、'.join(_KINDS)}中的至少{_LEAST_KINDS}种")
    if not found and (low in COMMON or _substance(low) < _LEAST_LEFT):
        found.append("密码过于常见或者有明显规律，容易被猜中")
    return tuple(found)


def _substance(low: str) -> int:
    """Count the characters that are left when each common word, date, keyboard run and repetition counts as one."""
    for pattern in (_REPEATED, _WORD, _YEAR_OR_DAY):
        low = pattern.sub("\0", low)
    return len(_without_runs(low))


def _without_runs(low: str) -> str:
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    kept, at = [], 0
    while at < len(low):
        length = 1
        while at + length < len(low) and any(low[at : at + length + 1] in row for row in rows):
            length += 1
        kept.append(low[at] if length < 3 else "\0")
        at += 1 if length < 3 else length
    return "".join(kept)
