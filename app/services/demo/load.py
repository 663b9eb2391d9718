"""Filling an empty database with the demo city, act by act in the order of time, through the services a clerk's click uses.

History, clock and journal therefore agree, and numbers run in the order of dates. Everything happens in the caller's one
transaction: the city is there whole, or not at all.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from random import Random

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.config import LOOPBACK, Settings
from app.domain.actor import Actor
from app.domain.application import Application
from app.domain.commands import AskAssistance
from app.domain.terms import MessageKind, Role
from app.errors import Clash, Forbidden
from app.models import Agency, Assistance, Case, User
from app.services import agencies, calendars, cases, intake, journal, keys, passwords, setup, threads, topics, users
from app.services.demo import aftermath, city, rarities, showing, today
from app.services.demo.courses import PORTAL, Course, Days, Move
from app.services.demo.plans import SHOWPIECES, plans
from app.services.demo.traces import MARK, Examples, is_demo
from app.services.desk import SHANGHAI, Desk, shanghai_date
from app.services.passwords import Hasher
from app.services.threads import Mentions, NewMessage

KEY_DAYS = 3650
FEWEST_WITH_RARITIES = 70  # below, the show-pieces and one reply of every kind fill the city
NO_PASSWORD = "!"  # noqa: S105 — no password has this hash; the real one is set when all people are there


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was made, and the secrets that open it: never stored in the database."""

    agencies: int
    people: int
    cases: int
    acts: int
    password: str
    portal_key: str
    reader_key: str
    examples: Examples = field(default_factory=dict)
    """What the documentation shows: by operation, ids of rows on which the example can be pressed."""


def refuse_exposed(settings: Settings) -> None:
    """Refuse to show demo data to a network or to pass them for real ones; raises `Forbidden`."""
    if settings.profile == "production":
        raise Forbidden("生产环境不能装入演示数据")
    if settings.host not in LOOPBACK:
        raise Forbidden("演示数据只能在本机回环地址上使用（DISCLOSURE_HOST=127.0.0.1）")


def refuse_unless_empty(session: Session) -> None:
    """Refuse to mix demo data with others; raises `Clash`."""
    if is_demo(session):
        raise Clash("数据库中已经有演示数据")
    if session.scalar(select(User.id).limit(1)) or session.scalar(select(Case.id).limit(1)):
        raise Clash("数据库中已经有用户或者案件，不能装入演示数据")


def load(
    session: Session,
    settings: Settings,
    now: dt.datetime,
    *,
    count: int,
    seed: int,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Loaded:
    """Make the city and `count` cases whose dates lie around `now`; the same seed and day make the same cases.

    `progress` is told how many acts are done, and of how many. Raises what `refuse_exposed` and `refuse_unless_empty` raise.
    """
    refuse_exposed(settings)
    refuse_unless_empty(session)
    town = _Town(session, settings, now)
    town.found()
    password, portal_key, reader_key = town.open_doors()
    rng = Random(seed)  # noqa: S311 — a repeatable city, no secret
    acts = town.live(sorted(_moves(town, rng, count), key=lambda step: step[0].at), progress)
    today.lie_on_the_desks(lambda who: town.desk(who, now))
    examples = showing.shown(lambda who: town.desk(who, now), town.query_codes)
    journal.append(
        session, town.actors[city.ADMINISTRATORS[Role.SYSTEM_ADMIN]], now, MARK, "装入演示数据",
        data={"cases": count, "seed": seed},
    )  # fmt: skip
    return Loaded(
        agencies=session.scalar(select(func.count()).select_from(Agency)) or 0,
        people=session.scalar(select(func.count()).select_from(User)) or 0,
        cases=count,
        acts=acts,
        password=password,
        portal_key=portal_key,
        reader_key=reader_key,
        examples=examples,
    )


class _Town:
    """The city while it is being made: who may act, and by which calendar."""

    def __init__(self, session: Session, settings: Settings, now: dt.datetime) -> None:
        self.session, self.settings = session, settings
        self.now, self.today = now, shanghai_date(now)
        self.offices = city.offices()
        self.opened_at = dt.datetime(self.today.year - 2, 12, 20, 9, 0, tzinfo=SHANGHAI)
        self.actors: dict[str, Actor] = {}
        self.query_codes: dict[int, str] = {}
        self._declare_festivals()
        self.book = calendars.Calendars().book(session)

    def days_of(self, office: city.Office) -> Days:
        return Days(self.book.of(office.region), self.today)

    def desk(self, who: str, at: dt.datetime) -> Desk:
        return Desk(self.session, self.actors[who], self.book, at, self.settings)

    def found(self) -> None:
        """Set the service up as a new city would: the token, the three administrators, agencies, people, duties."""
        token = setup.prepare(self.session, self.opened_at)
        assert token, "refuse_unless_empty has looked for users"
        people = {
            role: setup.Administrator(username, f"{role.label}（演示）", passwords.temporary())
            for role, username in city.ADMINISTRATORS.items()
        }
        root = self.offices[0]
        agency = setup.complete(
            self.session, token, code=root.code, name=root.name, region=root.region, administrators=people,
            hasher=Hasher(1), now=self.opened_at,
        )  # fmt: skip
        for role, administrator in people.items():
            self._may_act(administrator.username, administrator.display_name, agency, frozenset({role}))
        system, security = (
            self.desk(city.ADMINISTRATORS[role], self.opened_at) for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
        )
        for office in self.offices:
            if office.parent:
                agency = agencies.create(
                    system, code=office.code, name=office.name, region=office.region, parent_code=office.parent
                )
            agencies.set_settings(system, agency.id, office.settings())
            for person in office.people:
                user = users.create(
                    system,
                    username=person.username,
                    display_name=person.name,
                    agency_code=office.code,
                    password_hash=NO_PASSWORD,
                )
                users.set_roles(security, user.id, set(person.roles))
                self._may_act(person.username, person.name, agency, frozenset(person.roles))

    def open_doors(self) -> tuple[str, str, str]:
        """Give everybody one random password for this database, and the city's portal and script a key each."""
        password = passwords.temporary()
        opened = {"password_hash": Hasher(1).make(password), "password_is_temporary": False}
        self.session.execute(update(User).values(opened))
        desk = self.desk(city.ADMINISTRATORS[Role.SECURITY_ADMIN], self.opened_at)
        made = {}
        for role, label in ((Role.PORTAL, "海州市政务服务网"), (Role.SCRIPT_READER, "超期查询脚本")):
            made[role] = keys.create(desk, label=label, agency_code=city.CITY, role=role, valid_days=KEY_DAYS)
        row, secret = made[Role.PORTAL]
        root = self.actors[city.ADMINISTRATORS[Role.SYSTEM_ADMIN]]
        self.actors[PORTAL] = Actor(
            name=f"key:{row.prefix}",
            label=row.label,
            agency_id=root.agency_id,
            agency_path=root.agency_path,
            roles=frozenset({Role.PORTAL}),
            is_key=True,
            system=row.system,
        )
        return password, secret, made[Role.SCRIPT_READER][1]

    def live(self, moves: list[tuple[Move, int]], progress: Callable[[int, int], None]) -> int:
        """Carry out all moves, each by its own person at its own moment, and what happens beside them; returns how many."""
        ids: dict[int, int] = {}
        numbers: dict[int, str] = {}
        talked = False
        beside = sorted(aftermath.events(self.now, self.opened_at), key=lambda event: event.at)
        for done, (move, number) in enumerate(moves):
            progress(done, len(moves))
            while beside and beside[0].at <= move.at:
                self._happen(beside.pop(0))
            desk = self.desk(move.who, move.at)
            if isinstance(move.what, Application):
                file, code = intake.register(desk, move.what)
                topics.enter_each(self.session, [file.case.id])
                self.query_codes[file.case.id] = code or ""
                ids[number], numbers[number] = file.case.id, file.case.case_no
                continue
            what = move.what
            if move.into is not None:
                what = what.model_copy(update={"case_no": numbers[move.into]})
            cases.act(desk, ids[number], what, None)
            if isinstance(move.what, AskAssistance) and not talked:
                self._talk(ids[number], move.at)
                talked = True
        for event in beside:
            self._happen(event)
        return len(moves)

    def _happen(self, event: aftermath.Event) -> None:
        event.happen(lambda who: self.desk(who, event.at))

    def _talk(self, case_id: int, at: dt.datetime) -> None:
        """Let the agency that was first asked for help be asked, and answer, in a thread as well."""
        asked = self.session.scalars(select(Assistance).where(Assistance.case_id == case_id)).one()
        asking, helping = self._handler_of(asked.asked_by), self._handler_of(asked.agency_id)
        helper = self.session.get_one(Agency, asked.agency_id).code
        opened = threads.say(
            self.desk(asking, at),
            case_id,
            NewMessage(
                subject="核实批复的制作机关",
                invite=[helper],
                kind=MessageKind.QUESTION,
                text="协助函已经发出。想先了解：该批复是否由贵机关制作，文本存放在哪里？",
                mentions=Mentions(agencies=[helper], people=[helping]),
            ),
        )
        answer = NewMessage(
            thread_id=opened.thread.id,
            kind=MessageKind.ANSWER,
            answers=opened.messages[0].id,
            text="是我机关制作的，原件在档案室，复印件明天上午送到。",
        )
        threads.say(self.desk(helping, at), case_id, answer)

    def _handler_of(self, agency_id: int) -> str:
        """Name somebody who works on cases in an agency."""
        able = (a.name for a in self.actors.values() if a.agency_id == agency_id and Role.HANDLER in a.roles)
        return next(able)

    def _may_act(self, username: str, name: str, agency: Agency, roles: frozenset[Role]) -> None:
        self.actors[username] = Actor(
            name=username, label=name, agency_id=agency.id, agency_path=agency.path, roles=roles
        )

    def _declare_festivals(self) -> None:
        """Give 松岭县 its own days off, so that one county's deadlines differ from the nation's."""
        for year in (self.today.year - 1, self.today.year):
            first = dt.date(year, 7, 28)
            off = {first + dt.timedelta(n): "火把节" for n in range(3)}
            source = f"松岭县人民政府关于{year}年火把节放假的通知（演示）"
            notice = calendars.draft_notice(city.UPLAND, year, source, off, (), now=self.opened_at, by="demo")
            notice.recomputed_at = self.opened_at  # before the first case
            self.session.add(notice)
        self.session.flush()


def _moves(town: _Town, rng: Random, count: int) -> Iterator[tuple[Move, int]]:
    """Plan `count` cases over the agencies: the show-pieces at the one whose people have the plain names."""
    days = {office.code: town.days_of(office) for office in town.offices}
    shown = next(office for office in town.offices if office.code == city.EXAMPLE)
    weights = [4 if office.code == city.EXAMPLE else 1 if office.topics == "township" else 2 for office in town.offices]
    known = days[city.EXAMPLE]
    endless = plans(rng, known.last, known.before_new_year)
    rare = count >= FEWEST_WITH_RARITIES
    planned = count - (rarities.CASES if rare else 0)
    if rare:
        other = rarities.neighbour(town.offices)
        yield from rarities.Rarities(shown, other, known, planned + 1, Random(rng.random())).moves()  # noqa: S311 — as above
    for number, plan in enumerate(islice(endless, planned), 1):
        office = shown if number <= len(SHOWPIECES) else rng.choices(town.offices, weights)[0]
        for move in Course(plan, office, days[office.code], number, rng).moves():
            if isinstance(move.what, Application) and office is shown:
                yield replace(move, what=aftermath.popular(move.what, number)), number
            else:
                yield move, number
