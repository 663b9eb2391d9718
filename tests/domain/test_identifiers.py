from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from app.domain.identifiers import (
    birth_date,
    credit_code_fault,
    email_fault,
    find_personal_numbers,
    id_fault,
    is_under_14,
    mask_address,
    mask_email,
    mask_id,
    mask_name,
    mask_phone,
    mobile_fault,
    residence_permit_fault,
    resident_id_fault,
)
from app.domain.terms import IdType, PersonalNumberKind

# The example of GB 11643-1999 itself; the others are computed, of nobody.
STANDARD_EXAMPLE = "11010519491231002X"


def with_check(first17: str) -> str:
    return first17 + ric.calc_check_digit(first17 + "0")


@pytest.mark.parametrize("number", [STANDARD_EXAMPLE, with_check("37060219900307123"), with_check("83000020010228001")])
def test_true_numbers_pass(number: str) -> None:
    assert resident_id_fault(number) is None


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("110105194912310021", "校验码"),
        ("11010519491231002x", "大写X"),
        ("1101051949123100", "18位"),
        ("１１０１０５19491231002X", "18位"),
        (with_check("99010519491231002"), "行政区划"),
        (with_check("81010119491231002"), "行政区划"),
        (with_check("11010519490230002"), "出生日期"),
        (with_check("11010517991231002"), "出生日期"),
        ("", "18位"),
    ],
)
def test_a_false_number_says_what_is_wrong_and_is_not_repeated(number: str, expected: str) -> None:
    fault = resident_id_fault(number) or ""
    assert expected in fault
    assert not number or number not in fault


def test_nobody_is_born_after_the_day_of_the_application() -> None:
    number = with_check("37060220260308123")
    assert resident_id_fault(number, as_of=date(2026, 3, 8)) is None
    assert resident_id_fault(number, as_of=date(2026, 3, 7)) == "出生日期无效"


@given(st.integers(0, 999), st.sampled_from("0123456789X"))
def test_the_check_digit_agrees_with_an_independent_library(sequence: int, check: str) -> None:
    number = f"11010519491231{sequence:03d}{check}"
    assert (resident_id_fault(number) is None) == (ric.calc_check_digit(number) == check)


@pytest.mark.parametrize("prefix", ["810000", "820000", "830000"])
def test_residence_permits_of_hong_kong_macao_and_taiwan_pass(prefix: str) -> None:
    assert residence_permit_fault(with_check(prefix + "19900307123")) is None


def test_a_mainland_number_is_no_residence_permit() -> None:
    assert "810000" in (residence_permit_fault(STANDARD_EXAMPLE) or "")
    assert residence_permit_fault("8100001990") is not None


@pytest.mark.parametrize(
    ("on", "expected"), [(date(2024, 3, 6), True), (date(2024, 3, 7), False), (date(2023, 12, 31), True)]
)
def test_a_child_is_below_14_until_the_birthday(on: date, expected: bool) -> None:
    assert is_under_14(with_check("37060220100307123"), on) is expected


def test_a_number_without_a_day_has_no_date_of_birth() -> None:
    assert birth_date("37060220100230123X") is None
    assert birth_date("") is None
    assert not is_under_14("", date(2026, 1, 1))


@pytest.mark.parametrize("code", ["91110000600037341L", "91350100M000100Y43", "11100000000013338W"])
def test_true_credit_codes_pass(code: str) -> None:
    assert credit_code_fault(code) is None


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("911100006000373410", "校验码"),
        ("91110000600037341l", "大写字母"),
        ("9111000060003734IL", "不含I"),
        ("91110000600037341", "18位"),
        ("9111A000600037341L", "行政区划"),
    ],
)
def test_a_false_credit_code_says_what_is_wrong(code: str, expected: str) -> None:
    assert expected in (credit_code_fault(code) or "")


@given(st.text("0123456789", min_size=8, max_size=8), st.text(uscc._alphabet, min_size=10, max_size=10))
def test_credit_codes_agree_with_an_independent_library(head: str, tail: str) -> None:
    code = head + tail
    assert (credit_code_fault(code) is None) == (uscc.calc_check_digit(code[:-1]) == code[-1])


@pytest.mark.parametrize("number", ["13800138000", "+8613800138000", "86 199-0013-8000", "１３８００１３８０００"])
def test_mobile_numbers_are_accepted_as_people_write_them(number: str) -> None:
    assert mobile_fault(number) is None


@pytest.mark.parametrize("number", ["12800138000", "1380013800", "138001380000", "0535-6666666", "", "+1 3800138000"])
def test_other_numbers_are_no_mobile_numbers(number: str) -> None:
    assert mobile_fault(number) == "应为11位大陆手机号码"


@pytest.mark.parametrize("address", ["a@b.cn", "zhang.san+xx@mail.example.com.cn", "x_1@政务.中国"])
def test_plausible_mail_addresses_pass(address: str) -> None:
    assert email_fault(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@b",
        "a@@b.cn",
        "a b@c.cn",
        ".a@b.cn",
        "a..b@c.cn",
        "a@-b.cn",
        "a@b-.cn",
        "a@b.cn\n",
        "a" * 65 + "@b.cn",
        "a@" + "b" * 60 + ("." + "c" * 60) * 4 + ".cn",
    ],
)
def test_implausible_mail_addresses_do_not_pass(address: str) -> None:
    assert email_fault(address) == "不是有效的电子邮箱地址"


@pytest.mark.parametrize(
    ("id_type", "number", "good"),
    [
        (IdType.RESIDENT_ID, STANDARD_EXAMPLE, True),
        (IdType.RESIDENCE_PERMIT_HMT, STANDARD_EXAMPLE, False),
        (IdType.CREDIT_CODE, "91110000600037341L", True),
        (IdType.PASSPORT, "E12345678", True),
        (IdType.PASSPORT, "E 1", False),
        (IdType.OTHER, "军字第1号", False),
    ],
)
def test_each_type_of_document_has_its_own_rule(id_type: IdType, number: str, good: bool) -> None:
    assert (id_fault(id_type, number) is None) is good


@pytest.mark.parametrize("id_type", IdType)
def test_every_type_of_document_refuses_an_empty_number(id_type: IdType) -> None:
    assert id_fault(id_type, "") is not None


@pytest.mark.parametrize(("name", "masked"), [("张三", "张*"), ("欧阳某某", "欧***"), ("李", "李"), ("", "")])
def test_names_keep_their_first_character(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [(STANDARD_EXAMPLE, "110***********002X"), ("E12345678", "E********"), ("", ""), ("E", "E")],
)
def test_identity_numbers_show_neither_birth_nor_county(number: str, masked: str) -> None:
    assert mask_id(number) == masked


def test_phone_numbers_and_mail_addresses_keep_their_ends() -> None:
    assert mask_phone("13800138000") == "138****8000"
    assert mask_phone("6666666") == "6******"
    assert mask_email("zhangsan@example.cn") == "z***@example.cn"
    assert mask_email("not an address") == "n*************"


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("山东省烟台市芝罘区幸福路1号", "山东省烟台市芝罘区****"),
        ("北京市海淀区某街1号", "北京市海淀区****"),
        ("云南省楚雄彝族自治州楚雄市鹿城镇", "云南省楚雄彝族自治州楚雄市****"),
        ("内蒙古自治区鄂尔多斯市乌审旗嘎鲁图镇", "内蒙古自治区鄂尔多斯市乌审旗****"),
        ("幸福小区1号楼", "****"),
        ("", ""),
    ],
)
def test_addresses_keep_the_county(address: str, masked: str) -> None:
    assert mask_address(address) == masked


@given(st.text(min_size=11, max_size=40))
def test_a_mask_keeps_the_length_and_hides_at_least_four_characters(number: str) -> None:
    for mask in (mask_id, mask_phone):
        masked = mask(number)
        assert len(masked) == len(number)
        assert "****" in masked


def test_personal_numbers_in_a_reply_are_found_with_their_place() -> None:
    text = f"经查，张三（身份证号{STANDARD_EXAMPLE.lower()}，手机138-0013-8000）申请，编号370600202603021234。"
    found = find_personal_numbers(text)
    assert [(number.kind, text[number.start : number.end]) for number in found] == [
        (PersonalNumberKind.RESIDENT_ID, STANDARD_EXAMPLE.lower()),
        (PersonalNumberKind.MOBILE_PHONE, "138-0013-8000"),
    ]
    assert all("*" in number.masked for number in found)


@pytest.mark.parametrize("text", ["电话0535-6666666", "编号ABC13800138000", "913800138000", "〔2026〕第13号", ""])
def test_office_telephones_and_file_numbers_are_not_personal(text: str) -> None:
    assert find_personal_numbers(text) == []


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_number_is_found_wherever_it_stands(before: str, after: str) -> None:
    text = f"{before}。{STANDARD_EXAMPLE}，{after}"
    places = [number.start for number in find_personal_numbers(text)]
    assert len(before) + 1 in places
