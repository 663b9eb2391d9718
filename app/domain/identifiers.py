"""Numbers and addresses of persons: are they plausible, how are they shown, do they stand in a text.

A `*_fault` answers None or what is wrong, in Chinese, without repeating the input: it may be somebody's number. Whether
a number belongs to the person is not known here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from app.domain.terms import IdType, PersonalNumberKind

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
_PROVINCES = frozenset(
    {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71}
)
_PERMIT_REGIONS = frozenset({"810000", "820000", "830000"})
_EARLIEST_BIRTH = date(1890, 1, 1)

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_LENGTH = 18

_MOBILE = re.compile(r"(?:\+?86[\s-]?)?(1[3-9]\d[\s-]?\d{4}[\s-]?\d{4})")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")
_EMAIL_LENGTH = 254

# Full-width digits are one character each, so that positions in the text stay the same.
_NARROW = str.maketrans("０１２３４５６７８９Ｘｘ－＋　", "0123456789Xx-+ ")
_ID_IN_TEXT = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{16}[0-9Xx](?![0-9A-Za-z])")
_MOBILE_IN_TEXT = re.compile(rf"(?<![0-9A-Za-z]){_MOBILE.pattern}(?![0-9A-Za-z])", re.ASCII)

_DISTRICT = re.compile(
    r"(?:[一-鿿]{2,8}?(?:省|自治区|特别行政区))?(?:[一-鿿]{2,10}?(?:自治州|地区|盟|市))?(?:[一-鿿]{1,12}?(?:自治县|自治旗|县|(?<![小社园街校])区|旗|市))?"
)


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """A number found in a text: `text[start:end]`; `masked` may be shown and logged."""

    kind: PersonalNumberKind
    start: int
    end: int
    masked: str


def resident_id_fault(number: str, *, as_of: date | None = None) -> str | None:
    """居民身份证 and 港澳台居民居住证 numbers (GB 11643-1999): 18 digits, region, date of birth, check digit.

    With `as_of` a birth after that day is a fault.
    """
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        return "应为18位，前17位为数字，末位为数字或大写X"
    if int(number[:2]) not in _PROVINCES and number[:6] not in _PERMIT_REGIONS:
        return "前六位不是有效的行政区划代码"
    born = birth_date(number)
    if born is None or born < _EARLIEST_BIRTH or (as_of is not None and born > as_of):
        return "出生日期无效"
    if number[-1] != _ID_CHECK[sum(w * int(d) for w, d in zip(_ID_WEIGHTS, number, strict=False)) % 11]:
        return "校验码不符，请核对号码"
    return None


def residence_permit_fault(number: str, *, as_of: date | None = None) -> str | None:
    """港澳台居民居住证 (国办发〔2018〕81号): a resident number of region 810000, 820000 or 830000."""
    if (fault := resident_id_fault(number, as_of=as_of)) is not None:
        return fault
    return None if number[:6] in _PERMIT_REGIONS else "港澳台居民居住证号码应以810000、820000或830000开头"


def birth_date(number: str) -> date | None:
    """The date of birth in an 18-digit resident number; None if it names no day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def is_under_14(number: str, on: date) -> bool:
    """Whether the holder is below 14 on that day: then all data are sensitive (个人信息保护法第28条)."""
    born = birth_date(number)
    return born is not None and (on.year - born.year - ((on.month, on.day) < (born.month, born.day))) < 14


def credit_code_fault(code: str) -> str | None:
    """统一社会信用代码 (GB 32100-2015): 18 characters without I, O, S, V, Z, the last a check character."""
    if len(code) != _CREDIT_LENGTH or not set(code) <= set(_CREDIT_ALPHABET):
        return "应为18位数字或大写字母（不含I、O、S、V、Z）"
    if not code[2:8].isdigit():
        return "第3至8位应为登记管理机关的行政区划代码"
    total = sum(_CREDIT_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code[:-1]))
    if code[-1] != _CREDIT_ALPHABET[-total % 31]:
        return "校验码不符，请核对代码"
    return None


def mobile_fault(number: str) -> str | None:
    """A mainland mobile number of 11 digits, with or without +86 and separators."""
    return None if _MOBILE.fullmatch(number.translate(_NARROW)) else "应为11位大陆手机号码"


def email_fault(address: str) -> str | None:
    """Whether mail could be addressed to it; not whether the box exists."""
    local, _, _ = address.partition("@")
    dotted = local.startswith(".") or local.endswith(".") or ".." in local
    if len(address) > _EMAIL_LENGTH or dotted or not _EMAIL.fullmatch(address):
        return "不是有效的电子邮箱地址"
    return None


def _other_number_fault(number: str) -> str | None:
    return None if re.fullmatch(r"[0-9A-Za-z()（）-]{4,32}", number) else "应为4至32位的字母、数字"


_ID_FAULTS: Mapping[IdType, Callable[[str], str | None]] = MappingProxyType(
    {
        IdType.RESIDENT_ID: resident_id_fault,
        IdType.RESIDENCE_PERMIT_HMT: residence_permit_fault,
        IdType.CREDIT_CODE: credit_code_fault,
        IdType.PASSPORT: _other_number_fault,
        IdType.OTHER: _other_number_fault,
    }
)


def id_fault(id_type: IdType, number: str) -> str | None:
    """What is wrong with an identity number of that type (条例第29条第2款第1项 asks for proof of identity)."""
    return _ID_FAULTS[id_type](number)


def mask_name(name: str) -> str:
    """张三 → 张*, 欧阳某某 → 欧***: the first character and the length remain."""
    return name[:1] + "*" * (len(name) - 1)


def mask_id(number: str) -> str:
    """The first three and the last four characters remain: neither the date of birth nor the county is shown."""
    return _keep(number, 3, 4)


def mask_phone(number: str) -> str:
    """138****8000: the first three and the last four characters remain."""
    return _keep(number, 3, 4)


def mask_email(address: str) -> str:
    """zhang@example.cn → z***@example.cn: always three stars, so that the length is not told."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***{at}{domain}" if at else _keep(address, 1, 0)


def mask_address(address: str) -> str:
    """Province, city and county remain: 山东省烟台市芝罘区**** ."""
    found = _DISTRICT.match(address)
    return (found[0] if found else "") + "****" if address else ""


def find_personal_numbers(text: str) -> list[PersonalNumber]:
    """Resident and mobile numbers in a text, in order, for a warning before the reply goes out (K22).

    A resident number counts only with a true check digit, or else file numbers that hold a date would be taken for one.
    """
    narrow = text.translate(_NARROW)
    found = [
        PersonalNumber(PersonalNumberKind.RESIDENT_ID, match.start(), match.end(), mask_id(match[0]))
        for match in _ID_IN_TEXT.finditer(narrow)
        if resident_id_fault(match[0].upper()) is None
    ]
    found += [
        PersonalNumber(PersonalNumberKind.MOBILE_PHONE, match.start(1), match.end(1), mask_phone(match[1]))
        for match in _MOBILE_IN_TEXT.finditer(narrow)
    ]
    return sorted(found, key=lambda number: number.start)


def _keep(text: str, head: int, tail: int) -> str:
    """Stars for the middle, at least four; a text too short for that keeps only its first character."""
    if len(text) < head + tail + 4:
        return text[:1] + "*" * (len(text) - 1)
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]
