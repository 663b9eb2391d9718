"""Setting a filled Word document as PDF/A-2b: the template is the one source of wording and shape for both forms.

Reads paragraphs, runs and tables with the properties that official letters use. What it cannot set (pictures, text
boxes, tracked changes, notes) it refuses by name, so that nothing is missing from the PDF without a word.
"""

import datetime as dt
import io
import json
import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, cast

import docx
import typst
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Length, Pt
from docx.table import Table
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from app.config import Settings
from app.domain.documents import Document
from app.errors import FontMissing
from app.services import fonts
from app.services.rendering import TemplateFault

LAYOUT = Path(__file__).resolve().parent.parent / "templates" / "documents" / "letter.typ"
_ALIGNED = {
    WD_ALIGN_PARAGRAPH.CENTER: "center",
    WD_ALIGN_PARAGRAPH.RIGHT: "right",
    WD_ALIGN_PARAGRAPH.JUSTIFY: "justify",
    WD_ALIGN_PARAGRAPH.DISTRIBUTE: "justify",
}
_UNSETTABLE = {
    "w:drawing": "图片或者图形",
    "w:pict": "图片或者图形",
    "w:object": "嵌入对象",
    "w:ins": "修订记录",
    "w:del": "修订记录",
    "w:footnoteReference": "脚注",
    "w:endnoteReference": "尾注",
    "w:sdt": "内容控件",
    "w:altChunk": "外部内容",
    "m:oMath": "公式",
}
_UNBROKEN = re.compile(r"[!-~]{41,}")  # longer than a line of any letter: to be broken somewhere
_HYPHEN = re.compile("-")
_LONG_NUMBER = re.compile(r"[0-9A-Za-z]+(?:-[0-9A-Za-z]+){2,}(?<=[!-~]{15})")  # a case number
_QUOTED = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
Json = dict[str, Any]


def unsettable(word_file: bytes) -> list[str]:
    """Name what the PDF of this document would lack."""
    word = docx.Document(io.BytesIO(word_file))
    prefixes = dict(word.element.nsmap) | {"m": "http://schemas.openxmlformats.org/officeDocument/2006/math"}
    found = []
    for tag, name in _UNSETTABLE.items():
        prefix, local = tag.split(":")
        if next(word.element.body.iter(f"{{{prefixes[prefix]}}}{local}"), None) is not None:
            found.append(name)
    if any(p.text.strip() for section in word.sections for p in section.header.paragraphs):
        found.append("页眉文字")
    return list(dict.fromkeys(found))


def typeset(word_file: bytes, data: Document, settings: Settings) -> bytes:
    """Make the PDF, in the fonts that the file names where they are installed.

    Raises `FontMissing` if a letter has no shape in the fonts at hand, `TemplateFault` for what cannot be set.
    """
    installed, at_hand = fonts.installed(settings), fonts.at_hand(settings)
    if not at_hand:
        raise FontMissing(f"没有安装这些字体中的任何一种：{'、'.join(settings.fonts)}")
    read = _Reader(docx.Document(io.BytesIO(word_file)))
    letter: Json = {
        "title": data.doc.label,
        "author": data.agency,
        "fonts": at_hand,
        "page": read.page(),
        "parts": list(read.parts()),
    }
    for run in (run for p in _paragraphs(letter["parts"]) for run in p["runs"]):
        named = run.pop("font")
        wanted = (named, settings.font_substitutes.get(named))
        run["fonts"] = [name for name in wanted if name and name.lower() in installed.names] + at_hand
    noon = dt.datetime.combine(data.dated, dt.time(12), dt.timezone(dt.timedelta(hours=8)))
    try:
        pdf, warnings = typst.compile_with_warnings(
            LAYOUT.read_bytes(),
            font_paths=installed.fonts,
            sys_inputs={"letter": json.dumps(letter, ensure_ascii=False)},
            pdf_standards="a-2b",
            timestamp=int(noon.timestamp()),
        )
    except typst.TypstError as error:
        if letters := _unshown(error.message):
            raise FontMissing(f"已安装的字体中没有这些字：{letters}") from error
        raise TemplateFault("不能转换为 PDF") from error
    if warnings:
        raise FontMissing("；".join(str(warning.message) for warning in warnings))
    return pdf


def _paragraphs(parts: Sequence[Json]) -> Iterator[Json]:
    for part in parts:
        if part["kind"] == "paragraph":
            yield part
        elif part["kind"] == "table":
            for row in part["rows"]:
                for cell in row:
                    yield from cell["paragraphs"]


def _unshown(message: str) -> str:
    """Name the letters without a shape, for whoever installs the font that has them."""
    named = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), "".join(_QUOTED.findall(message)[:1]))
    return "、".join(f"{sign}（U+{ord(sign):04X}）" for sign in dict.fromkeys(named))


class _Reader:
    """What a Word document says of its page, its paragraphs and its tables; sizes in points."""

    def __init__(self, word: Word) -> None:
        self._word = word
        self._styles: dict[str | None, tuple[Any, ...]] = {}

    def page(self) -> Json:
        section = self._word.sections[0]
        measures = {
            "width": section.page_width,
            "height": section.page_height,
            "top": section.top_margin,
            "bottom": section.bottom_margin,
            "left": section.left_margin,
            "right": section.right_margin,
        }
        footer = section.footer._element.xml  # noqa: SLF001 - python-docx shows no fields
        return {name: _points(value, 72) for name, value in measures.items()} | {"numbered": "PAGE" in footer}

    def parts(self) -> Iterator[Json]:
        body = self._word._body  # noqa: SLF001 - the only way from an element to its styles
        for element in self._word.element.body.iterchildren():
            if element.tag == qn("w:p"):
                paragraph = Paragraph(element, body)
                if paragraph.paragraph_format.page_break_before or _breaks(element):
                    yield {"kind": "break"}
                yield self._paragraph(paragraph)
            elif element.tag == qn("w:tbl"):
                yield self._table(Table(element, body))

    def _table(self, table: Table) -> Json:
        rows = [
            [{"paragraphs": [self._paragraph(p) for p in cell.paragraphs]} for cell in row.cells] for row in table.rows
        ]
        if len({len(row) for row in rows}) != 1:
            raise TemplateFault("表格各行的列数不同，不能转换为 PDF")
        widths = [_points(cell.width, 72) for cell in table.rows[0].cells]
        return {"kind": "table", "columns": widths, "rows": rows, "header": _header_rows(table)}

    def _paragraph(self, paragraph: Paragraph) -> Json:
        styles = self._styles_of(paragraph)
        shapes = [paragraph.paragraph_format, *(style.paragraph_format for style in styles)]
        elements = paragraph._element.iter(qn("w:r"))  # noqa: SLF001 - those inside links and fields too
        runs = [self._run(Run(element, paragraph), styles) for element in elements]
        runs = [run for run in runs if run["pieces"]]
        size = max((run["size"] for run in runs), default=12.0)
        line, rule = _first(shapes, "line_spacing"), _first(shapes, "line_spacing_rule")
        exact = rule in {WD_LINE_SPACING.EXACTLY, WD_LINE_SPACING.AT_LEAST}
        return {
            "kind": "paragraph",
            "align": _ALIGNED.get(_first(shapes, "alignment"), "left"),
            "first": _points(_first(shapes, "first_line_indent"), 0),
            "left": _points(_first(shapes, "left_indent"), 0),
            "right": _points(_first(shapes, "right_indent"), 0),
            "before": _points(_first(shapes, "space_before"), 0),
            "after": _points(_first(shapes, "space_after"), 0),
            "line": _points(line, 0) if exact else size * 1.3 * float(line or 1),
            "next": bool(_first(shapes, "keep_with_next")),
            "size": size,
            "runs": runs,
        }

    def _run(self, run: Run, styles: Sequence[Any]) -> Json:
        fonts = [run.font, *(style.font for style in styles)]
        return {
            "size": _points(_first(fonts, "size"), 12),
            "bold": bool(_first(fonts, "bold")),
            "underline": bool(run.font.underline),
            "font": _east_asian(fonts),
            "pieces": list(_pieces(run.text.replace("\n", " "))),
        }

    def _styles_of(self, paragraph: Paragraph) -> tuple[Any, ...]:
        """The paragraph's style and those it builds on; looking one up walks all styles, so it is kept."""
        name = paragraph._p.style  # noqa: SLF001 - its name alone: `paragraph.style` looks the style up
        if name not in self._styles:
            chain, style = [], cast("Any", paragraph.style)
            while style is not None:
                chain.append(style)
                style = style.base_style
            self._styles[name] = tuple(chain)
        return self._styles[name]


def _first(sources: Sequence[Any], name: str) -> Any:
    """Take a property from the first that has it: the paragraph itself, then its styles."""
    return next((value for source in sources if (value := getattr(source, name)) is not None), None)


def _header_rows(table: Table) -> int:
    """Count the rows at the head that are repeated on each page."""
    shapes = (row._tr.trPr for row in table.rows)  # noqa: SLF001 - python-docx has no name for it
    marked = (shape is not None and shape.find(qn("w:tblHeader")) is not None for shape in shapes)
    return sum(1 for _ in takewhile(bool, marked))


def _breaks(element: Any) -> bool:
    return any(br.get(qn("w:type")) == "page" for br in element.iter(qn("w:br")))


def _east_asian(fonts: Sequence[Any]) -> str | None:
    for font in fonts:
        properties = font._element.rPr  # noqa: SLF001 - python-docx has no name for the East Asian font
        named = (
            properties.rFonts.get(qn("w:eastAsia"))
            if properties is not None and properties.rFonts is not None
            else None
        )
        if named:
            return str(named)
    return None


def _pieces(text: str) -> Iterator[Json]:
    """Cut what has no space into boxes, between which a line may be broken; nothing is added and nothing lost.

    A case number is cut after its hyphens, as Word does: whole, it left the line before it half empty.
    """
    place = 0
    for long in _UNBROKEN.finditer(text):
        yield from _breakable(text[place : long.start()])
        for cut in range(long.start(), long.end(), 20):
            yield {"text": text[cut : min(cut + 20, long.end())], "boxed": True}
        place = long.end()
    yield from _breakable(text[place:])


def _breakable(text: str) -> Iterator[Json]:
    cuts = [0]
    for number in _LONG_NUMBER.finditer(text):
        cuts += [hyphen.end() for hyphen in _HYPHEN.finditer(text, number.start(), number.end() - 1)]
    for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True):
        if start < end:
            yield {"text": text[start:end], "boxed": False}


def _points(length: Length | None, default: float) -> float:
    return default if length is None else round(length / Pt(1), 2)
