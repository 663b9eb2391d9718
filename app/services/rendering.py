"""Filling a Word template: what stands in a case comes out letter by letter, whatever marks it contains.

Values never pass through the template language's output: a value is written as a token, and the token is exchanged for
the text in the finished XML tree. So no `{{…}}`, `<` or `&` of an applicant can be read as markup by anything, and a line
break makes a paragraph of the same shape. The same template and data give the same bytes.
"""

import copy
import datetime as dt
import io
import re
import zipfile
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.text.run import Run
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from app.domain.documents import MODELS, Document, chinese_date, plain_date
from app.domain.terms import Doc

_TOKEN = re.compile("\ue000([0-9]+)\ue001")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # XML has no place for them
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


class TemplateFault(ValueError):
    """A template that cannot be used; the message says in Chinese what is wrong with it."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """A template language without functions, arithmetic or foreign attributes: loops over data, conditions, two dates."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, finalize=self._write)
        self.texts: list[str] = []
        self.globals.clear()
        length = self.filters["length"]
        self.filters.clear()
        self.filters.update({"length": length, "chinese_date": chinese_date, "plain_date": plain_date})
        self.tests.clear()

    def call_binop(self, *_operands: Any) -> Any:
        raise TemplateFault("模板中不能进行运算")

    def is_safe_callable(self, _thing: Any) -> bool:
        return False

    def _write(self, value: Any) -> str:
        text = value.isoformat() if isinstance(value, dt.date) else str(value)  # an unknown field raises here
        if value is None or not text.strip():
            raise TemplateFault("模板输出了空白内容")
        self.texts.append(_UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
        return f"\ue000{len(self.texts) - 1}\ue001"


def fill(template: bytes, data: Document) -> bytes:
    """Make the DOCX. Raises `TemplateFault` if the template asks for what the document does not have."""
    try:
        word = DocxTemplate(io.BytesIO(template))
        word.render_init()
        sandbox = _Sandbox()
        values = {name: getattr(data, name) for name in type(data).model_fields}
        source = word.patch_xml(word.get_xml())
        _refuse_unknown(sandbox, source, data.doc)
        filled = word.render_xml_part(source, word.docx._part, values, sandbox)  # noqa: SLF001 - as docxtpl itself does
        tree = parse_xml(etree.tostring(word.fix_tables(filled)))
        _settle(tree, sandbox.texts)
        word.map_tree(tree)
        out = io.BytesIO()
        word.docx.save(out)
    except TemplateFault:
        raise
    except TemplateError as error:
        raise TemplateFault(f"模板的标记有误：{error.message}") from error
    except (etree.XMLSyntaxError, KeyError, ValueError, zipfile.BadZipFile, AttributeError, TypeError) as error:
        raise TemplateFault("模板不是可用的 Word 文档，或者标记与段落、表格的结构不符") from error
    return repacked(out.getvalue())


def _refuse_unknown(sandbox: _Sandbox, source: str, doc: Doc) -> None:
    tree = sandbox.parse(re.sub(r"<w:p([ >])", r"\n<w:p\1", source))
    if unknown := meta.find_undeclared_variables(tree) - MODELS[doc].model_fields.keys():
        raise TemplateFault(f"{doc.label}没有这些字段：{'、'.join(name[:40] for name in sorted(unknown)[:10])}")
    banned = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Macro, nodes.CallBlock, nodes.Call)
    if any(True for _ in tree.find_all(banned)):
        raise TemplateFault("模板中不能使用宏、引用和函数")


def _settle(tree: Any, texts: list[str]) -> None:
    """Put the texts where their tokens stand; each further line becomes a paragraph like the first."""
    for element in list(tree.iter(qn("w:r"))):
        run = Run(element, None)  # type: ignore[arg-type]  # its parent is needed for pictures only
        before = run.text
        if "\ue000" not in before:
            continue
        first, *lines = _TOKEN.sub(lambda token: texts[int(token[1])], before).split("\n")
        run.text = first
        paragraph, rest = element.getparent(), list(element.itersiblings())
        for line in lines:
            following = _empty_like(paragraph)
            another = _empty_like(element)
            Run(another, None).text = line  # type: ignore[arg-type]  # python-docx asks for a parent that text does not need
            following.append(another)
            paragraph.addnext(following)
            paragraph = following
        if lines:
            paragraph.extend(rest)


def _empty_like(element: Any) -> Any:
    """Copy a paragraph or a run with its properties and without its content."""
    fresh = copy.copy(element.makeelement(element.tag, element.attrib))
    properties = element.find(qn(f"{'w:pPr' if element.tag == qn('w:p') else 'w:rPr'}"))
    if properties is not None:
        fresh.append(copy.deepcopy(properties))
    return fresh


def repacked(word_file: bytes) -> bytes:
    """Pack a DOCX again without the moment of packing, so that equal content has equal bytes."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(word_file)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as new,
    ):
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, _FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, old.read(name))
    return out.getvalue()


def texts_of(word_file: bytes) -> list[str]:
    """List the paragraphs of a DOCX, those in tables included, in reading order."""
    body = docx.Document(io.BytesIO(word_file)).element.body
    return [
        "".join(Run(run, None).text for run in paragraph.iter(qn("w:r")))  # type: ignore[arg-type]  # as above
        for paragraph in body.iter(qn("w:p"))
    ]
