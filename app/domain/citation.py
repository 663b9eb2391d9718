"""Citations of law as clerks write them, read into one normal form.

`《中华人民共和国政府信息公开条例》第三十六条第（三）项`, `条例第36条第(三)项` and `本条例第三十六条第三项` are the
same citation. Knows how citations are written, what is out of force and which provisions exist; which citation suits
which reply is for `replies`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.domain import numerals

REGULATION = "条例"
"""The Regulation of 2019 (国务院令第711号)."""

OLD_REGULATION = "2007年旧条例"
"""The Regulation as it stood before 15 May 2019 (国务院令第492号); its article numbers no longer hold."""

OLD_INTERPRETATION = "法释〔2011〕17号"
"""The judicial interpretation replaced on 1 June 2025 by 法释〔2025〕8号."""

_OUT_OF_FORCE = {
    OLD_REGULATION: "已失效：2007年条例的条号自2019年5月15日起不再适用",
    OLD_INTERPRETATION: "已失效：自2025年6月1日起由法释〔2025〕8号代替",
}

# How many paragraphs and items the Regulation's articles have; those not named have one paragraph and no items.
_LAST_ARTICLE = 56
_PARAGRAPHS = dict.fromkeys((4, 6, 11, 13, 16, 29, 39, 42, 44, 47, 49, 50, 55), 2) | {
    **dict.fromkeys((10, 12, 17, 25, 33), 3),
    3: 4,
}
_ITEMS = {4: 5, 20: 15, 29: 3, 31: 3, 36: 7, 50: 5, 53: 3}

# Articles of 2007 that replies used to cite, and where their subject stands since 2019. 第13、23、24、26条 were read
# in the old text, the others are known from practice: hence 疑似 in the message.
_SINCE_MOVED = {
    8: "第14条（危及国家安全、公共安全、经济安全、社会稳定）",
    13: "第27条（申请权，且不再要求“三需要”）",
    14: "第14条、第15条",
    20: "第29条（申请的内容）",
    21: "第36条（答复）",
    22: "第37条（区分处理）",
    23: "第15条、第32条（第三方意见）",
    24: "第33条（答复期限）",
    26: "第40条（提供的形式）",
}

_REGULATION_NAMES = frozenset({"条例", "本条例", "政府信息公开条例", "旧条例", "原条例", "原政府信息公开条例"})
_OLD_INTERPRETATION_TITLE = "审理政府信息公开行政案件若干问题的规定"

_NUMERAL = r"[0-9０-９〇零一二三四五六七八九十百]{1,7}"
_TOKEN = re.compile(
    rf"《(?P<title>[^》]{{2,80}})》(?P<gloss>[（(][^）)]{{1,60}}[）)])?"
    rf"|(?P<name>[一-鿿]{{0,40}}?(?:条例|法|法典|通则|办法|规定|解释))(?P<name_gloss>[（(][^）)]{{1,60}}[）)])?(?=第{_NUMERAL}条)"
    rf"|第(?P<article>{_NUMERAL})条"
    rf"|第(?P<paragraph>{_NUMERAL})款"
    rf"|第?[（(](?P<item>{_NUMERAL})[）)]项|第(?P<bare_item>{_NUMERAL})项"
)
_STATE = "中华人民共和国"
_LEAD_IN = re.compile(r"^.*(?:根据|依据|依照|按照|适用|以及|属于|符合|和|及|与|由)(?=.)")
_JOINED = re.compile(r"[\s、，,和及与或]*")

_FULL_TITLE = f"《{_STATE}政府信息公开条例》"
_WORDED = re.compile(r"^(?:根据|依据|依照|按照|适用)?(.*?)(?:之?的?规定)?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Citation:
    """One article, paragraph or item of one law; `law` is empty where the writer named none."""

    law: str
    article: int
    paragraph: int | None = None
    item: int | None = None

    def __str__(self) -> str:
        paragraph = f"第{self.paragraph}款" if self.paragraph else ""
        item = f"第（{numerals.write(self.item)}）项" if self.item else ""
        return f"{self.law}第{self.article}条{paragraph}{item}"

    def covers(self, other: "Citation") -> bool:
        """Whether `other` is this provision or a part of it: 第16条 covers 第16条第1款, not the reverse."""
        return (
            self.law == other.law
            and self.article == other.article
            and self.paragraph in {None, other.paragraph}
            and self.item in {None, other.item}
        )


def cite(text: str) -> Citation:
    """The one citation that `text` is; ValueError if it is none or several."""
    found = find_citations(text)
    if len(found) != 1:
        raise ValueError(f"“{text}”不是一处条款引用")
    return found[0]


def find_citations(text: str) -> list[Citation]:
    """Every citation in `text`, in order; a law once named holds for the articles that follow it.

    `条例第14条、第36条第（三）项` gives two citations, `第十六条第一款、第二款` two paragraphs of one article.
    """
    found: list[Citation] = []
    law, current, end = "", None, 0
    for token in _TOKEN.finditer(text):
        joined = _JOINED.fullmatch(text, end, token.start()) is not None
        end = token.end()
        if token["title"] or token["name"]:
            name = token["title"] or _LEAD_IN.sub("", token["name"].replace(_STATE, ""))
            law = _law(name, token["gloss"] or token["name_gloss"] or "")
            current = None
        elif token["article"]:
            current = Citation(law, numerals.read(token["article"]))
            found.append(current)
        elif current is None or not joined:
            current = None
        else:
            narrowed = _narrow(current, token)
            if current.item is None and (token["paragraph"] is None or current.paragraph is None):
                found[-1] = narrowed
            else:
                found.append(narrowed)
            current = narrowed
    return found


def formal(texts: Iterable[str]) -> list[str]:
    """Write citations as a document does, each text for itself: titles whole, article numbers in characters.

    `条例第36条第(三)项`, `条例第16条第2款` become `《中华人民共和国政府信息公开条例》第三十六条第（三）项`, `第十六条第二款`:
    a law named twice running is named once. What is no citation stays as it was written.
    """
    written, last = [], ""
    for text in texts:
        worded = _WORDED.match(text.strip(" \n，。；、"))
        said, end, bare = "", 0, worded[1] if worded else text
        for token in _TOKEN.finditer(bare):
            between = bare[end : token.start()]
            end = token.end()
            if title := _title(token):
                lead, name, law = title
                said += between + lead + ("" if law == last and not lead else name)
                last = law
            else:
                said += between + _numbered(token)
        written.append(said + bare[end:])
    return written


def _title(token: re.Match[str]) -> tuple[str, str, str] | None:
    """Give what stands before the law's name, the name in brackets, and the law; None for an article or its parts."""
    if token["title"]:
        lead, name, gloss = "", token["title"], token["gloss"] or ""
    elif token["name"]:
        before, state, rest = token["name"].rpartition(_STATE)
        lead = before if state else token["name"].removesuffix(_LEAD_IN.sub("", rest))
        name, gloss = token["name"].removeprefix(lead), token["name_gloss"] or ""
    else:
        return None
    law = _law(name, gloss)
    return lead, _FULL_TITLE if law == REGULATION else f"《{name}》{gloss}", law


def _numbered(token: re.Match[str]) -> str:
    if token["article"]:
        return f"第{_characters(token['article'])}条"
    if token["paragraph"]:
        return f"第{_characters(token['paragraph'])}款"
    return f"第（{_characters(token['item'] or token['bare_item'])}）项"


def _characters(numeral: str) -> str:
    number = numerals.read(numeral)
    return numerals.write(number) if number <= 9999 else numeral


def flaw(citation: Citation) -> str | None:
    """Why nobody may cite this, in Chinese: no law named, out of force, no such provision. None if it stands."""
    if not citation.law:
        return f"“{citation}”没有写明法律、法规的名称"
    if reason := _OUT_OF_FORCE.get(citation.law):
        return f"{citation}{reason}"
    if citation.law == REGULATION and not _exists(citation):
        return f"现行条例没有{str(citation).removeprefix(REGULATION)}{since_moved(citation)}"
    return None


def since_moved(citation: Citation) -> str:
    """A Chinese clause on where an old article of the Regulation stands now; empty if none is known."""
    moved = _SINCE_MOVED.get(citation.article) if citation.law == REGULATION else None
    return f"，疑似2007年旧条号，现为{moved}" if moved else ""


def _exists(citation: Citation) -> bool:
    return (
        1 <= citation.article <= _LAST_ARTICLE
        and (citation.paragraph is None or 1 <= citation.paragraph <= _PARAGRAPHS.get(citation.article, 1))
        and (citation.item is None or 1 <= citation.item <= _ITEMS.get(citation.article, 0))
    )


def without_citations(text: str) -> str:
    """`text` without laws and article numbers: what the writer said in his own words."""
    return _TOKEN.sub("", text)


def _narrow(current: Citation, token: re.Match[str]) -> Citation:
    if token["paragraph"]:
        return replace(current, paragraph=numerals.read(token["paragraph"]), item=None)
    return replace(current, item=numerals.read(token["item"] or token["bare_item"]))


def _law(name: str, gloss: str) -> str:
    short = re.sub(r"\s", "", name).removeprefix(_STATE)
    if short.startswith("最高人民法院") and _OLD_INTERPRETATION_TITLE in short:
        return OLD_INTERPRETATION
    base, _, own_gloss = short.partition("（")
    if base.split("(")[0] in _REGULATION_NAMES:
        return OLD_REGULATION if re.search(r"2007|492|旧|原", short + own_gloss + gloss) else REGULATION
    return short
