"""How personal data are shown to whoever has not asked for them with a reason: masked, in fields and within texts."""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from app.domain.identifiers import (
    find_personal_numbers,
    mask_address,
    mask_email,
    mask_id,
    mask_name,
    mask_phone,
)
from app.domain.terms import PersonalField

_EMAIL_IN_TEXT = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_OFFICE = re.compile(
    r"(公司|企业|集团|政府|委员会|办公室|大队|分局|中心|大学|学院|学校|医院|协会|基金会|[局厅部署所院厂店社站处会队])$"
)
_NOBODY = frozenset({"本人", "申请人本人", "收发室", "单位收发", "门卫", "家属", "同住家属", "代收点"})
"""What stands where a name might, and names nobody."""


def mask_reach(text: str) -> str:
    """Mask a way to reach somebody, whatever it is: an e-mail box, a number or an address."""
    if "@" in text:
        return mask_email(text)
    return mask_phone(text) if re.search(r"\d{5}", text) else mask_address(text)


def mask_party(text: str) -> str:
    """Mask a person who was consulted or signed for something; an office or a company is named as it is."""
    return text if text in _NOBODY or _OFFICE.search(text) else mask_name(text)


MASKS: Mapping[PersonalField, Callable[[str], str]] = MappingProxyType(
    {
        PersonalField.NAME: mask_name,
        PersonalField.ID_NUMBER: mask_id,
        PersonalField.PHONE: mask_phone,
        PersonalField.EMAIL: mask_email,
        PersonalField.ADDRESS: mask_address,
        PersonalField.POSTCODE: lambda text: "*" * len(text),
        PersonalField.LEGAL_REPRESENTATIVE: mask_name,
        PersonalField.CONTACT_PERSON: mask_name,
        PersonalField.AGENT_NAME: mask_name,
        PersonalField.AGENT_PHONE: mask_phone,
        PersonalField.ASSISTANCE_NEEDED: lambda _text: "****",
        PersonalField.RECEIVER: mask_party,
        PersonalField.DELIVERY_ADDRESS: mask_reach,
        PersonalField.THIRD_PARTIES: lambda text: mask_reach(text) if re.search(r"\d{5}|@", text) else mask_party(text),
    }
)


class Veil:
    """Masks the people of one case wherever they are named, and anybody's numbers and boxes."""

    def __init__(self, known: Iterable[tuple[PersonalField, str]]) -> None:
        pairs = {text: MASKS[field](text) for field, text in known if len(text) > 1}
        # The longest first: a name that is part of a company's must not break the company's.
        self._pairs = sorted(
            ((text, mask) for text, mask in pairs.items() if text != mask), key=lambda pair: -len(pair[0])
        )

    def over(self, text: str) -> str:
        """Mask a text."""
        for plain, mask in self._pairs:
            text = text.replace(plain, mask)
        for found in reversed(find_personal_numbers(text)):
            text = text[: found.start] + found.masked + text[found.end :]
        return _EMAIL_IN_TEXT.sub(lambda match: mask_email(match[0]), text) if "@" in text else text

    def over_all(self, value: Any) -> Any:
        """Mask every text in a structure of lists and dicts; numbers, dates and codes are left as they are."""
        if isinstance(value, str):
            return self.over(value)
        if isinstance(value, Mapping):
            return {key: self.over_all(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.over_all(inner) for inner in value]
        return value
