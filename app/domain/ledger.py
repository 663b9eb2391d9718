"""An agency's ledger of requests (台账): what its twelve columns may hold, and what a row of them says.

A ledger comes in whole or not at all, so every fault is found before anything is written; a fault names row and column
and never repeats the cell, which may hold somebody's name in the wrong place.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeVar

from app.domain.acts import Act, Closed, Replied, Served
from app.domain.identifiers import id_fault
from app.domain.replies import REPLIES
from app.domain.report import RESULT_ROWS
from app.domain.terms import ApplicantKind, Channel, IdType, RemedyOrder, ReplyKind, ReportRow, Term

NUMBER, RECEIVED, CHANNEL, KIND = "编号", "收到日期", "申请渠道", "申请人类别"
NAME, ID_NUMBER, PHONE, CONTENT = "申请人", "证件号码", "联系电话", "申请内容"
RESULT, REPLIED, SERVED, CLOSED = "处理结果", "答复日期", "送达日期", "结案日期"
COLUMNS = (NUMBER, RECEIVED, CHANNEL, KIND, NAME, ID_NUMBER, PHONE, CONTENT, RESULT, REPLIED, SERVED, CLOSED)

MAX_ROWS = 100_000
_LONGEST = {NUMBER: 64, NAME: 200, ID_NUMBER: 64, PHONE: 64, CONTENT: 20_000}
_EXACT_DIGITS = 15  # a spreadsheet keeps no more of a number


class Unusable(NamedTuple):
    """A cell whose content is not what it shows: a formula, an error value."""

    why: str


Cell = str | int | float | dt.datetime | dt.date | dt.time | Unusable | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file: row as a spreadsheet numbers it (the header is row 1), 0 for the file itself."""

    row: int
    column: str
    code: str
    message: str

    @property
    def sentence(self) -> str:
        if not self.row:
            return self.message
        return f"第{self.row}行“{self.column}”：{self.message}" if self.column else f"第{self.row}行：{self.message}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a request with its result, or a request still open (`result` None)."""

    row: int
    number: str
    received_on: dt.date
    channel: Channel
    kind: ApplicantKind
    name: str
    id_number: str | None
    phone: str | None
    content: str
    result: ReportRow | None
    replied_on: dt.date | None
    served_on: dt.date | None
    closed_on: dt.date | None

    @property
    def outcome(self) -> ReplyKind | None:
        """The kind of reply a result stands for; where a row has several kinds, the one that states the row best."""
        return _OUTCOMES[self.result] if self.result else None

    @property
    def acts(self) -> tuple[Act, ...]:
        """What the ledger tells of the clock, which the reply stops, and the closing where there was none."""
        if self.outcome is None:
            return ()
        first = REPLIES[self.outcome].remedy is RemedyOrder.REVIEW_FIRST
        told = (
            Replied(on=self.replied_on, reconsideration_first=first) if self.replied_on else None,
            Served(on=self.served_on) if self.served_on else None,
            Closed(on=self.closed_on) if self.closed_on else None,
        )
        return tuple(act for act in told if act)

    @property
    def over_on(self) -> dt.date | None:
        """The last day the ledger tells of; None for an open request."""
        return self.closed_on or self.served_on or self.replied_on

    @property
    def id_type(self) -> IdType | None:
        """The sort of number where it proves itself by its check digit; ledgers do not name it."""
        if not self.id_number:
            return None
        proven = (kind for kind in (IdType.RESIDENT_ID, IdType.CREDIT_CODE) if id_fault(kind, self.id_number) is None)
        return next(proven, None)


def cells(entry: Entry) -> tuple[str | dt.date | None, ...]:
    """Write an entry as a row of the ledger, in the order of COLUMNS."""
    return (
        *(entry.number, entry.received_on, entry.channel.label, entry.kind.label),
        *(entry.name, entry.id_number, entry.phone, entry.content),
        entry.result.label if entry.result else None,
        *(entry.replied_on, entry.served_on, entry.closed_on),
    )


def read_header(header: Sequence[Cell]) -> tuple[dict[str, int], list[Fault]]:
    """Find the place of each column. All twelve must be there, none other, none twice; their order is free."""
    names = [_text(cell) if isinstance(cell, str) else "" for cell in header]
    while names and not names[-1]:
        names.pop()
    places: dict[str, int] = {}
    faults: list[Fault] = []
    if len(names) == 1 and re.search(r"[;；\t|，]", names[0]):
        message = "各列之间须用英文逗号分隔；这个文件像是用分号、制表符或者中文逗号分隔的，请另存为逗号分隔的 CSV"
        return places, [Fault(1, "", "delimiter", message)]
    for place, name in enumerate(names):
        if name not in COLUMNS:
            faults.append(Fault(1, f"第{place + 1}列", "unknown_column", f"没有这一列；表头须为：{'、'.join(COLUMNS)}"))
        elif name in places:
            faults.append(Fault(1, name, "repeated_column", "表头中出现了两次"))
        else:
            places[name] = place
    faults += [Fault(1, name, "missing_column", "表头缺少这一列") for name in COLUMNS if name not in places]
    return places, faults


def read(
    rows: Iterable[tuple[int, Sequence[Cell]]], places: Mapping[str, int], *, first_day: dt.date, today: dt.date
) -> tuple[list[Entry], list[Fault]]:
    """Read the rows below the header, each with its number. Blank rows are passed over.

    `first_day` is the first day of the working-day calendar; nothing can be counted before it.
    """
    entries: list[Entry] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    width = len(places)
    for row, content in rows:
        if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in content):
            continue
        reader = _Row(row, content, places, first_day, today)
        if any(cell is not None and cell != "" for cell in content[width:]):
            reader.fault("", "too_many_cells", f"有{len(content)}格，表头只有{width}列")
        entry = reader.entry()
        if entry is not None:
            if entry.number in seen:
                reader.fault(NUMBER, "repeated", f"与第{seen[entry.number]}行的编号相同")
            seen.setdefault(entry.number, row)
            entries.append(entry)
        faults += reader.faults
    if not entries and not faults:
        faults.append(Fault(0, "", "empty", "文件中没有一件申请"))
    return entries, faults


class _Row:
    """One row while it is read."""

    def __init__(
        self, row: int, content: Sequence[Cell], places: Mapping[str, int], first_day: dt.date, today: dt.date
    ) -> None:
        self.row, self.faults = row, list[Fault]()
        self._content, self._places = content, places
        self._first_day, self._today = first_day, today

    def fault(self, column: str, code: str, message: str) -> None:
        self.faults.append(Fault(self.row, column, code, message))

    def entry(self) -> Entry | None:
        number, received_on = self._words(NUMBER, needed=True), self._day(RECEIVED, needed=True)
        channel = self._code(CHANNEL, _CHANNELS, Channel, needed=True)
        kind = self._code(KIND, _KINDS, ApplicantKind, needed=True)
        name, content = self._words(NAME, needed=True), self._words(CONTENT, needed=True)
        id_number, phone = self._words(ID_NUMBER), self._words(PHONE)
        result = self._code(RESULT, _RESULTS, ReportRow)
        replied_on, served_on, closed_on = (self._day(column) for column in (REPLIED, SERVED, CLOSED))
        if not self.faults:
            self._agree(result, received_on, replied_on, served_on, closed_on)
        if self.faults or not (number and received_on and channel and kind and name and content):
            return None
        return Entry(
            self.row, number, received_on, channel, kind, name, id_number, phone, content,
            result, replied_on, served_on, closed_on,
        )  # fmt: skip

    def _agree(
        self,
        result: ReportRow | None,
        received_on: dt.date | None,
        replied_on: dt.date | None,
        served_on: dt.date | None,
        closed_on: dt.date | None,
    ) -> None:
        """Hold the result against the days, and the days against each other: 收到 → 答复 → 送达 → 结案."""
        days = {RECEIVED: received_on, REPLIED: replied_on, SERVED: served_on, CLOSED: closed_on}
        if result is None:
            for column in (REPLIED, SERVED, CLOSED):
                if days[column]:
                    self.fault(column, "open_with_date", "没有填处理结果的是在办申请，不能有这个日期")
            return
        if replied_on is None and served_on is not None:
            self.fault(REPLIED, "missing", "填了送达日期的，须填写答复日期")
        elif replied_on is None and closed_on is None:
            self.fault(CLOSED, "missing", "有处理结果的，须填写答复日期或者结案日期")
        given = [(column, day) for column, day in days.items() if day]
        for (earlier, before), (later, after) in pairwise(given):
            if after < before:
                self.fault(later, "out_of_order", f"不能早于{earlier}")

    def _cell(self, column: str) -> Cell:
        place = self._places[column]
        cell = self._content[place] if place < len(self._content) else None
        if isinstance(cell, Unusable):
            self.fault(column, "unusable", cell.why)
            return None
        return (_text(cell) or None) if isinstance(cell, str) else cell

    def _missing(self, column: str, cell: Cell, *, needed: bool) -> None:
        if needed and cell is None and not any(fault.column == column for fault in self.faults):
            self.fault(column, "missing", "必填")

    def _words(self, column: str, *, needed: bool = False) -> str | None:
        cell = self._cell(column)
        if isinstance(cell, int | float):
            cell = self._written(column, cell)
        if cell is not None and not isinstance(cell, str):
            self.fault(column, "not_text", "须为文字，不能是日期或者真假值")
            return None
        self._missing(column, cell, needed=needed)
        if cell is None:
            return None
        if column in {ID_NUMBER, PHONE} and re.fullmatch(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+", cell):
            self.fault(column, "scientific", "号码被表格软件改成了科学计数，末几位已经丢失，请按原件改为文本后填写")
        elif len(cell) > _LONGEST[column]:
            self.fault(column, "too_long", f"最多{_LONGEST[column]}个字")
        elif not _clean(cell, lines=column == CONTENT):
            self.fault(column, "control_characters", "含有不能保存的字符（控制字符或者不成对的代理字符）")
        return cell

    def _written(self, column: str, number: int | float) -> str | None:
        """Write a number that was typed into a field of text, as long as the spreadsheet has kept all its digits."""
        if isinstance(number, float) and not number.is_integer():
            self.fault(column, "not_text", "是带小数的数字，请改为文本")
            return None
        if abs(number) >= 10**_EXACT_DIGITS:
            message = f"超过{_EXACT_DIGITS}位的数字，末几位已被表格软件丢弃，请按原件改为文本后填写"
            self.fault(column, "digits_lost", message)
            return None
        return str(int(number))

    def _day(self, column: str, *, needed: bool = False) -> dt.date | None:
        cell = self._cell(column)
        self._missing(column, cell, needed=needed)
        if cell is None:
            return None
        if isinstance(cell, dt.datetime):
            day: dt.date | None = cell.date()
        else:
            day = cell if isinstance(cell, dt.date) else _day(cell)
        if day is None:
            self.fault(column, "not_a_date", "须为日期，如 2023-03-02、2023/3/2、2023年3月2日、20230302")
        elif day > self._today:
            self.fault(column, "date_in_future", "不能晚于今天")
            return None
        elif day < self._first_day:
            self.fault(column, "date_too_early", f"不能早于{self._first_day}，更早没有工作日历")
            return None
        return day

    def _code(
        self, column: str, words: Mapping[str, "_Code"], terms: type["_Code"], *, needed: bool = False
    ) -> "_Code | None":
        cell = self._cell(column)
        self._missing(column, cell, needed=needed)
        if cell is None:
            return None
        found = words.get(_key(cell)) if isinstance(cell, str) else None
        if found is None:
            allowed = RESULT_ROWS if terms is ReportRow else tuple(terms)
            message = f"只能是以下之一：{'、'.join(term.label for term in allowed)}（或者其代码）"
            self.fault(column, "unknown_code", message)
        return found


_Code = TypeVar("_Code", bound=Term)


def _text(cell: str) -> str:
    return cell.strip().strip("\ufeff").strip()


def _clean(text: str, *, lines: bool) -> bool:
    allowed = {"\n", "\r", "\t"} if lines else set()
    return all(unicodedata.category(character) not in {"Cc", "Cs"} or character in allowed for character in text)


_DATES = (
    re.compile(r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
)
_TIME = re.compile(r"[T ]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")


def _day(cell: Cell) -> dt.date | None:
    """Read a day in the usual ways of writing one; None for any other, above all for two-digit years and bare serials."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    if isinstance(cell, float) and not cell.is_integer():
        return None
    written = str(int(cell)) if isinstance(cell, int | float) else unicodedata.normalize("NFKC", cell)
    written = re.sub(r"(?<=\d)\s*([年月日])\s*", r"\1", _TIME.sub("", written.strip()))
    for form in _DATES:
        if found := form.fullmatch(written):
            try:
                return dt.date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                return None
    return None


def _key(word: str) -> str:
    """Reduce a word to what tells it from others: no spaces, quotes or widths, lower case."""
    narrow = unicodedata.normalize("NFKC", word).lower()
    return re.sub(r"[\s\"'“”‘’、,,.;:]", "", narrow)


def _words_of(terms: Iterable[_Code], more: Mapping[str, _Code] | None = None) -> dict[str, _Code]:
    """Take each term by its code, its label, and its label without the row's number; and by further words."""
    found: dict[str, _Code] = {}
    for term in terms:
        found[_key(term.value)] = found[_key(term.label)] = term
        found[_key(re.sub(r"^三\([一二三四五六]\)\d?\s*", "", term.label))] = term
    return found | {_key(word): term for word, term in (more or {}).items()}


_KINDS = _words_of(ApplicantKind)
_RESULTS = _words_of(RESULT_ROWS)
_CHANNELS = _words_of(
    Channel,
    {
        **dict.fromkeys(("当面", "当面申请", "现场", "现场申请", "窗口", "来访"), Channel.IN_PERSON),
        **dict.fromkeys(("口头", "口头申请"), Channel.ORAL),
        **dict.fromkeys(("邮寄", "邮寄申请", "挂号信", "特快专递", "邮政特快专递", "EMS"), Channel.REGISTERED_MAIL),
        **dict.fromkeys(("平信", "信函", "信函申请", "平常信函", "普通信函"), Channel.ORDINARY_MAIL),
        **dict.fromkeys(
            ("互联网", "网络", "网络申请", "网上", "网上申请", "在线申请", "电子邮件", "邮件", "邮箱"), Channel.INTERNET
        ),
        "传真申请": Channel.FAX,
    },
)
_OUTCOMES: Mapping[ReportRow, ReplyKind] = {rule.row: kind for kind, rule in reversed(list(REPLIES.items()))} | {
    ReportRow.GRANTED: ReplyKind.GRANT  # the row does not say that it had been published before
}
