"""What a trial is played on: a database with a town in it, served processes, callers, and the ledger between them."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, update

from app import db
from app.config import Settings
from app.domain.terms import Role
from app.models import AccessToken, Keyring
from tests.databases import Databases
from tests.faults import procession
from tests.faults.audit import audit
from tests.faults.callers import Callers
from tests.faults.ledger import Finding, Ledger
from tests.faults.services import SECRET, Child, Nursery, Service, Worker, environment_of
from tests.town import CITY, SHANGHAI, town


@dataclass
class Stage:
    """One database and all that runs on it; a trial changes it, so that every trial has one of its own."""

    url: str
    folder: Path
    databases: Databases
    nursery: Nursery | None
    headers: Mapping[str, Mapping[str, str]]
    ledger: Ledger
    engine: Engine
    steps: Sequence[procession.Step]
    children: list[Child] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.engine.dialect.name

    def service(self, url: str | None = None) -> Service:
        """Make a service that is not started yet; `url` where it reaches its database another way."""
        made = Service(self.nursery, environment_of(url or self.url, self.folder), self.folder)
        self.children.append(made)
        return made

    def worker(self) -> Worker:
        """Make a worker that is not started yet."""
        made = Worker(self.nursery, environment_of(self.url, self.folder), self.folder)
        self.children.append(made)
        return made

    def callers(self, *services: Service, refusals_allowed: bool = False, give_up_s: float = 60) -> Callers:
        origins = [service.origin for service in services]
        return Callers(
            origins, self.headers, self.ledger, self.steps, give_up_s=give_up_s, refusals_allowed=refusals_allowed
        )

    def audit(self) -> list[Finding]:
        return audit(self.engine, self.ledger)

    def kill(self) -> None:
        """Kill whatever is still running."""
        for child in self.children:
            child.kill()

    def drop(self) -> None:
        """Throw the database away."""
        self.engine.dispose()
        self.databases.drop(self.url)

    def move(self, url: str) -> None:
        """Go on with another database, such as a restored back-up."""
        self.engine.dispose()
        self.url, self.engine = url, _auditor(url, self.folder)


def _auditor(url: str, folder: Path) -> Engine:
    """Connect for looking at everything."""
    settings = Settings(data_dir=folder, database_url=url, secret=SECRET)
    return db.everywhere(
        db.build_engine(url, connections=2, keyring=Keyring(settings.cipher_suite, settings.master_keys))
    )


@dataclass(frozen=True, slots=True)
class Founded:
    """A database with a town in it, from which every stage is copied, and how its people sign in."""

    url: str
    folder: Path
    headers: Mapping[str, Mapping[str, str]]


def found(databases: Databases, folder: Path) -> Founded:
    """Make the database that stages are copies of."""
    folder.mkdir(parents=True, exist_ok=True)
    url, now = databases.new(), dt.datetime.now(SHANGHAI)
    with town(url, folder, now=f"{now:%Y-%m-%d %H:%M}") as place:
        assert place.settings.key == SECRET.encode(), "sign-ins made here would open nothing"
        place.hire("anquan", CITY, Role.SECURITY_ADMIN)
        return Founded(url, folder, {who: place.headers(who) for who in place.tokens})


def _signed_in_now(url: str) -> None:
    """Let the sign-ins be of this moment: the trials before this one may have taken longer than one may stay unused."""
    now = dt.datetime.now(dt.UTC)
    engine = db.build_engine(url, connections=1)
    with db.everywhere(engine).execution_options(writes=True).begin() as connection:
        connection.execute(update(AccessToken).values(used_at=now, expires_at=now + dt.timedelta(hours=12)))
    engine.dispose()


@contextmanager
def stage(databases: Databases, nursery: Nursery | None, founded: Founded) -> Iterator[Stage]:
    """Copy the database for one trial; whatever is served on it is killed in the end."""
    url = databases.copy(founded.url)
    _signed_in_now(url)
    steps = procession.steps(dt.datetime.now(SHANGHAI))
    made = Stage(
        url, founded.folder, databases, nursery, founded.headers, Ledger(), _auditor(url, founded.folder), steps
    )
    with ExitStack() as leaving:
        leaving.callback(made.drop)
        leaving.callback(made.kill)
        yield made
