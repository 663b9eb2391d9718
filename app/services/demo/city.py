"""海州市, a city that does not exist: its agencies, its people and the accounts they sign in with.

The codes begin with 3799, which no place has. One agency is called 370600-GXJ because the documented example of an
application names it. Nobody here is a real person: names are a surname with 某 and one of the ten stems.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from app.domain.settings import AgencySettings
from app.domain.terms import Role

CITY = "379900"
EXAMPLE = "370600-GXJ"
HELPERS = ("379900-ZRJ", "379900-FGW")
"""Agencies that others ask for help (条例第11条)."""

UPLAND = "CN-379904"
"""The region of 松岭县, which keeps the torch festival (放假办法第4条 lets such a place decide its own days off)."""

_OWN_NAMES = EXAMPLE  # its people have the plain login names; those of other agencies carry a suffix

_BUREAU = {
    "dengji": (Role.INTAKE_CLERK,),
    "jingban": (Role.HANDLER,),
    "jingban2": (Role.HANDLER,),
    "shenhe": (Role.REVIEWER,),
    "hefa": (Role.LEGAL_REVIEWER,),
    "baomi": (Role.SECRECY_REVIEWER,),
    "lingdao": (Role.APPROVER,),
    "guidang": (Role.ARCHIVIST,),
    "duban": (Role.AGENCY_SUPERVISOR,),
}
_SMALL = {
    "dengji": (Role.INTAKE_CLERK, Role.ARCHIVIST),
    "jingban": (Role.HANDLER,),
    "jingban2": (Role.HANDLER,),
    "shenhe": (Role.REVIEWER, Role.LEGAL_REVIEWER),
    "baomi": (Role.SECRECY_REVIEWER,),
    "lingdao": (Role.APPROVER,),
}
_COUNTY = _SMALL | {"duban": (Role.AGENCY_SUPERVISOR,)}

ADMINISTRATORS: Mapping[Role, str] = {
    Role.SYSTEM_ADMIN: "xitong",
    Role.SECURITY_ADMIN: "anquan",
    Role.AUDIT_ADMIN: "shenji",
}
CITY_SUPERVISOR = "shiduban"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    username: str
    name: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """An agency with its people; `topics` names the subjects it is asked about."""

    code: str
    name: str
    parent: str
    topics: str
    region: str = "CN"
    local_limit: int | None = 15
    people: tuple[Person, ...] = field(default=())

    def settings(self) -> AgencySettings:
        """What the agency has set for itself, the remedies its replies must name (行政复议法第24条) among it."""
        above = next((name for code, name, *_ in _AGENCIES if code == self.parent), "示范省人民政府")
        return AgencySettings(
            local_limit_workdays=self.local_limit,
            reconsideration_authority=above,
            court="海州市海东区人民法院",
            reconsideration_url="https://haizhou.example/fuyi",
            contact_phone="0535-0000000",
        )

    def with_duty(self, role: Role) -> list[Person]:
        """The people who hold a role, in the order in which they were hired."""
        return [person for person in self.people if role in person.roles]


_AGENCIES: tuple[tuple[str, str, str, str], ...] = (
    (CITY, "海州市人民政府", "", "government"),
    (EXAMPLE, "海州市规划局", CITY, "planning"),
    ("379900-FGW", "海州市发展和改革委员会", CITY, "projects"),
    ("379900-CZJ", "海州市财政局", CITY, "finance"),
    ("379900-ZRJ", "海州市自然资源局", CITY, "land"),
    ("379900-STJ", "海州市生态环境局", CITY, "environment"),
    ("379900-RSJ", "海州市人力资源和社会保障局", CITY, "employment"),
    ("379900-ZJJ", "海州市住房和城乡建设局", CITY, "housing"),
    ("379900-JTJ", "海州市交通运输局", CITY, "transport"),
    ("379900-MZJ", "海州市民政局", CITY, "welfare"),
    ("379900-JYJ", "海州市教育局", CITY, "education"),
    ("379900-WJW", "海州市卫生健康委员会", CITY, "health"),
    ("379900-SJJ", "海州市市场监督管理局", CITY, "market"),
    ("379900-CGJ", "海州市城市管理局", CITY, "enforcement"),
    ("379900-YJJ", "海州市应急管理局", CITY, "safety"),
    ("379901", "海东区人民政府", CITY, "government"),
    ("379902", "海西区人民政府", CITY, "government"),
    ("379903", "云溪县人民政府", CITY, "government"),
    ("379904", "松岭县人民政府", CITY, "government"),
    ("379901-ZJJ", "海东区住房和城乡建设局", "379901", "housing"),
    ("379901-MZJ", "海东区民政局", "379901", "welfare"),
    ("379902-JYJ", "海西区教育局", "379902", "education"),
    ("379903-ZRJ", "云溪县自然资源局", "379903", "land"),
    ("379904-MZJ", "松岭县民政局", "379904", "welfare"),
    ("379901-ZX", "竹溪镇人民政府", "379901", "township"),
    ("379901-HB", "海滨街道办事处", "379901", "township"),
    ("379902-QS", "青石镇人民政府", "379902", "township"),
    ("379902-LT", "柳塘镇人民政府", "379902", "township"),
    ("379903-BS", "白沙乡人民政府", "379903", "township"),
    ("379904-SL", "松岭镇人民政府", "379904", "township"),
)

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范"
STEMS = "甲乙丙丁戊己庚辛壬癸"


def offices() -> tuple[Office, ...]:
    """Every agency of the city with its people, parents first."""
    names = _names()
    return tuple(_office(code, name, parent, topics, names) for code, name, parent, topics in _AGENCIES)


def _office(code: str, name: str, parent: str, topics: str, names: Iterator[str]) -> Office:
    suffix = "" if code == _OWN_NAMES else "-" + _short(code)
    duties = _BUREAU if code == _OWN_NAMES else _COUNTY if "-" not in code else _SMALL
    people = [Person(duty + suffix, next(names), roles) for duty, roles in duties.items()]
    if code == CITY:
        people.append(Person(CITY_SUPERVISOR, next(names), (Role.CITY_SUPERVISOR,)))
    upland = code.startswith("379904")
    return Office(
        code,
        name,
        parent,
        topics,
        region=UPLAND if upland else "CN",
        local_limit=None if topics == "township" else 15,
        people=tuple(people),
    )


def _short(code: str) -> str:
    """379900-CZJ → czj, 379901-ZJJ → 01zjj, 379901 → 01: the part of a code that tells two agencies apart."""
    place, _, department = code.partition("-")
    number = place.removeprefix("3799")
    return ("" if number == "00" and department else number) + department.lower()


def _names() -> Iterator[str]:
    return (f"{surname}某{stem}" for stem, surname in product(STEMS, SURNAMES))
