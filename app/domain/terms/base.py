"""What a code list is."""

from enum import StrEnum


class Term(StrEnum):
    """A code with a Chinese label."""

    label: str

    def __new__(cls, code: str, label: str = "") -> "Term":
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member
