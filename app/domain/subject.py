"""What a request is about, without the phrases all requests share; what two requests have in common.

Pure text work: which of two texts is how similar is measured by `services.likeness`.
"""

import re
import unicodedata
from itertools import pairwise

LONGEST = 200
"""Characters of a subject that count; what follows are particulars that no two people write alike."""

_POLITE = r"(?:特此|现|拟|需要|要求|希望|请求|恳请|请|予以|依法|依申请|书面|尽快|及时|全部|完整|向我|给我)*"
_VERB = r"(?:公开|提供|获取|查阅|复制|答复|告知)"
_THING = r"(?:(?:政府)?(?:信息|内容|材料|资料))"
_BOILERPLATE = (
    r"(?:根据|依据|依照|按照)?《?(?:中华人民共和国)?政府信息公开条例》?(?:第[〇零一二三四五六七八九十百\d]+条)?(?:的?规定|之规定)?",
    r"(?:现|特|谨)?(?:向)?(?:贵|你|您)(?:局|委|办|厅|府|镇|乡|县|区|市|机关|单位|部门|处|所|中心|街道办?)(?:政府)?",
    r"(?:本人|我们|本公司|我公司|我单位|申请人)(?:现|特|因|需|想|拟|要)*",
    rf"{_POLITE}(?:申请|要求|请求)?(?:政府信息)?{_VERB}(?:以下|如下|下列)?(?:的)?{_THING}?",
    rf"(?:以下|如下|下列)(?:的)?{_THING}",
    r"(?:的)?(?:有关|相关)(?:的)?",
    r"(?:及其?|以及|和|与|含|包括)?(?:附件|附图|附表)",
    r"(?:加盖公章的?|盖章)?(?:纸质|电子|书面)?(?:文件)?(?:复印件|扫描件|电子版|纸质版|原件|文本|全文|副本)",
    r"政府信息|信息公开|依申请公开|特此申请|谢谢|望批准|关于|为盼|一份|1份|等等",
)
_COMMON = re.compile("|".join(f"(?:{phrase})" for phrase in _BOILERPLATE))
_NOT_WORDS = re.compile(r"[\W_]+")
_FILLERS = re.compile(r"[的了在之其该此等请]")

_DOCUMENT_NO = re.compile(
    r"(?P<word>[一-鿿]{1,12})[〔\[(（【]?(?P<year>(?:19|20)\d{2})[〕\])）】]?(?:年)?(?:第)?(?P<number>\d{1,5})号"
)
_LEAD_IN = re.compile(r"^.*(?:申请公开|公开|提供|获取|文号为?|文号是|根据|依据|关于|以及|和|与|及|的|为|是)(?=.)")

_NUMBER = re.compile(r"\d+")
_KINDS_OF_PLACE = {
    **dict.fromkeys(("镇", "乡"), "township"),
    "街道": "subdistrict",
    **dict.fromkeys(("村", "社区", "庄"), "village"),
    **dict.fromkeys(("片区", "新区", "新城", "开发区", "高新区"), "quarter"),
    **dict.fromkeys(("县", "区", "市"), "county"),
    **dict.fromkeys(("路", "街", "大道"), "road"),
    **dict.fromkeys(("小区", "地块"), "plot"),
}
_PLACE = re.compile(rf"(?P<name>[一-鿿]{{2}})(?P<kind>{'|'.join(sorted(_KINDS_OF_PLACE, key=len, reverse=True))})")


def subject(*texts: str | None) -> str:
    """Return what is asked for: the given texts without set phrases, punctuation and particles; may be empty."""
    plain = unicodedata.normalize("NFKC", " ".join(text for text in texts if text)[: 3 * LONGEST]).lower()
    named = _DOCUMENT_NO.sub(_without_number, plain)
    return _bare(named) or _bare(plain)


def _bare(plain: str) -> str:
    return _FILLERS.sub("", _NOT_WORDS.sub("", _COMMON.sub(" ", plain)))[:LONGEST]


def _without_number(found: re.Match[str]) -> str:
    """Keep what stood before the agency's word of a number: it is told by the number already."""
    word = found["word"]
    return word[: len(word) - len(_word(word))] + " "


def grams(text: str) -> frozenset[int]:
    """Every two neighbouring characters of a subject, as a number each; of a single character, itself."""
    pairs = {ord(one) << 21 | ord(other) for one, other in pairwise(text)}
    return frozenset(pairs or {ord(character) for character in text})


def contradict(one: str, other: str) -> bool:
    """Tell whether two subjects name other years, numbers or places: alike in words, not in what is asked for.

    城东片区规划批复 and 城西片区规划批复 differ in one character, and are two requests.
    """
    return any(
        bool(mine - yours and yours - mine)
        for named in (_numbers, _places)
        for mine, yours in ((named(one), named(other)),)
    )


def core(text: str) -> str:
    """Return what remains of a subject without its places and numbers: the thing that is asked for."""
    return re.sub(r"\d+(?:年度?)?", "", _PLACE.sub("", text))


def _numbers(text: str) -> frozenset[str]:
    return frozenset(_NUMBER.findall(text))


def _places(text: str) -> frozenset[str]:
    """Name each place with its kind: 竹溪镇 and 竹溪村 are two, 城东片区 and 城东新区 are one."""
    return frozenset(found["name"] + _KINDS_OF_PLACE[found["kind"]] for found in _PLACE.finditer(text))


def document_numbers(*texts: str | None) -> list[str]:
    """The document numbers named in texts, in order, brackets and 第 aside: 海政发(2023)第12号 is 海政发〔2023〕12号."""
    plain = (re.sub(r"\s", "", unicodedata.normalize("NFKC", text)) for text in texts if text)
    found = (
        f"{_word(match['word'])}〔{match['year']}〕{int(match['number'])}号"
        for text in plain
        for match in _DOCUMENT_NO.finditer(text)
    )
    return list(dict.fromkeys(found))


def _word(text: str) -> str:
    """Keep the agency's word of a number, without the sentence before it: 请公开海政发 → 海政发."""
    return _LEAD_IN.sub("", text)[-8:]
