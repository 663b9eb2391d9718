"""The keys at work: finding, making and wrapping them, and sealing and opening with them. One for each engine."""

import base64
import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app import sealing
from app.models.case import Case
from app.models.data_key import AgencyKey, CaseKey, DataKey
from app.models.direct import OfCases, PreparedStatement, enter_numbered
from app.models.sealed import ring_of, sealed_fields
from app.sealing import KeyMissing, MasterKeys, SealBroken, Suite

_CASE_KEYS = "case_keys"  # of one session and transaction: case id → its key
_AGENCY_KEYS = "agency_keys"  # of one session and transaction: key id → key
_FRESH = "_fresh_key"
_SHANGHAI = dt.timezone(dt.timedelta(hours=8))

# Built once: building them takes longer than running them.
_KEYS = OfCases(select(CaseKey.case_id, CaseKey.kid, CaseKey.wrapped), CaseKey.case_id.expression)
_NEW_KEYS = CaseKey.__table__.insert()  # type: ignore[attr-defined]  # a mapped class has a table
_IN_USE = PreparedStatement(
    select(DataKey.kid).where(
        DataKey.agency_id == bindparam("agency"), DataKey.year == bindparam("of_year"), DataKey.retired_at.is_(None)
    )
)


class Key(NamedTuple):
    """The key of a case, or of what an agency writes in a year about none."""

    kid: str
    secret: bytes


class Keyring:
    """Keys of one database. The master keys are read when first needed, and again when an unknown one is named."""

    def __init__(self, suite: Suite, masters: Callable[[], MasterKeys]) -> None:
        self.suite, self._read_masters = suite, masters
        self._masters: MasterKeys | None = None
        self._data: dict[str, bytes] = {}

    @property
    def masters(self) -> MasterKeys:
        if self._masters is None:
            self._masters = self._read_masters()
        return self._masters

    def use(self, masters: MasterKeys) -> None:
        """Go on with other master keys: somebody has just changed them."""
        self._masters = masters

    def blind(self, purpose: str, value: str) -> str:
        return self.masters.blind(purpose, value)

    # Cases

    def prepare(self, session: Session, row: Any) -> None:
        """Make the key of a case that is about to be entered."""
        if isinstance(row, Case) and row in session.new:
            row.__dict__[_FRESH] = fresh()

    def enter(self, session: Session, case: Case) -> None:
        """Enter a new case and its key past the session's flush, which does the same (`prepare`, `inserted`)."""
        key = case.__dict__[_FRESH] = fresh()
        enter_numbered(session, case)
        del case.__dict__[_FRESH]
        self.keep(session, {case.id: key}, case.agency_id, case.created_at)

    def inserted(self, session: Session, row: Any) -> None:
        """Keep the key of a case that has just been entered, wrapped by its agency's key of the year."""
        key: Key | None = row.__dict__.pop(_FRESH, None)
        if key is None:
            return
        self.keep(session, {row.id: key}, row.agency_id, row.created_at)

    def keep(self, session: Session, keys: Mapping[int, Key], agency_id: int, at: dt.datetime) -> None:
        """Enter the keys of new cases of an agency, wrapped by its key of the year."""
        data_kid, wrapping = self.data_key(session, agency_id, year_of(at), at)
        rows = [
            {
                "case_id": case_id,
                "kid": key.kid,
                "data_kid": data_kid,
                "wrapped": self._wrapped(key, data_kid, wrapping),
            }
            for case_id, key in keys.items()
        ]
        session.execute(_NEW_KEYS, rows)
        _known(session).update(keys)

    def sealed(self, kind: type, values: Mapping[str, Any], key: Key) -> dict[str, Any]:
        """Seal the values of a row that is inserted without its mapping, many at once."""
        fields = sealed_fields(kind)
        place = (str(values[name]) for name in vars(kind).get("SEALED_BY", ()))
        named = tuple(place)
        done = {}
        for name, value in values.items():
            if name in fields:
                text = None if value is None else fields[name].write(value)
                where = (kind.__tablename__, name, *named)  # type: ignore[attr-defined]  # a mapped class has a table
                done[fields[name].column] = None if text is None else sealing.seal(self.suite, *key, text, *where)
            else:
                done[name] = value
        return done

    def adopt(self, session: Session, case_id: int, agency_id: int, at: dt.datetime) -> None:
        """Give a key to a case that was entered before there were any."""
        self.keep(session, {case_id: fresh()}, agency_id, at)

    def seal(self, session: Session, row: Any, text: str, *place: str) -> str:
        """Seal a text of a case, of what belongs to one, or of an agency's own row. Raises SealBroken."""
        case_id = _case_of(row)
        key: Key | None = row.__dict__.get(_FRESH)
        if key is None:
            key = self._of_agency(session, row) if case_id is None else self._of_case(session, case_id)
        if key is None:
            raise SealBroken("案件的个人信息已经删除，不能再写入")
        return sealing.seal(self.suite, key.kid, key.secret, text, *place)

    def seal_or_lose(self, session: Session, row: Any, text: str, *place: str) -> str:
        """Seal a text; one of a case that has been erased with a key that nobody keeps, so that it is erased as well."""
        try:
            return self.seal(session, row, text, *place)
        except SealBroken:
            return sealing.seal(self.suite, *fresh(), text, *place)

    def open(self, session: Session, row: Any, sealed: str, *place: str) -> str | None:
        """Open such a text; None once the case's key has been destroyed. Raises SealBroken."""
        case_id = _case_of(row)
        if case_id is None:
            return sealing.unseal(self._agency_secret(session, sealing.key_id_of(sealed)), sealed, *place)
        key = self._of_case(session, case_id)
        return None if key is None else sealing.unseal(key.secret, sealed, *place)

    def fetch(self, session: Session, case_ids: Iterable[int]) -> None:
        """Fetch the keys of a page of cases with one query."""
        known = _known(session)
        if wanted := [case_id for case_id in case_ids if case_id not in known]:
            rows = _KEYS.rows(session, wanted)
            found = {case_id: Key(kid, self._unwrap(session, kid, wrapped)) for case_id, kid, wrapped in rows}
            known.update({case_id: found.get(case_id) for case_id in wanted})

    def _of_case(self, session: Session, case_id: int) -> Key | None:
        known = _known(session)
        if case_id not in known:
            self.fetch(session, [case_id])
        return known[case_id]

    def rewrapped(self, session: Session, row: CaseKey | AgencyKey, data_kid: str, wrapping: bytes) -> str:
        """Wrap the key of a case, or of an agency's own texts, by another data key."""
        table = row.__tablename__
        key = Key(row.kid, self._unwrap(session, row.kid, row.wrapped, table))
        return self._wrapped(key, data_kid, wrapping, table)

    def _wrapped(self, key: Key, data_kid: str, wrapping: bytes, table: str = CaseKey.__tablename__) -> str:
        return sealing.seal(self.suite, data_kid, wrapping, _text(key.secret), table, key.kid)

    def _unwrap(self, session: Session, kid: str, wrapped: str, table: str = CaseKey.__tablename__) -> bytes:
        secret = self._secret(session, sealing.key_id_of(wrapped))
        return base64.b64decode(sealing.unseal(secret, wrapped, table, kid))

    # What agencies write about no case

    def _of_agency(self, session: Session, row: Any) -> Key:
        """Return the key of the agency's own texts of the year the row is of, made now if there is none."""
        since: dt.date = getattr(row, row.SEALED_IN)
        at = since if isinstance(since, dt.datetime) else dt.datetime.combine(since, dt.time(), _SHANGHAI)
        agency_id, year = row.agency_id, year_of(at)
        wanted = select(AgencyKey.kid).where(AgencyKey.agency_id == agency_id, AgencyKey.year == year)
        kid = session.scalar(wanted)
        if kid is None:
            key = fresh()
            data_kid, wrapping = self.data_key(session, agency_id, year, at)
            wrapped = self._wrapped(key, data_kid, wrapping, AgencyKey.__tablename__)
            values = {"agency_id": agency_id, "year": year, "kid": key.kid, "data_kid": data_kid, "wrapped": wrapped}
            session.execute(_adding(session)(AgencyKey).values(values).on_conflict_do_nothing())
            kid = session.scalars(wanted).one()  # somebody else's, if he was first
        return Key(kid, self._agency_secret(session, kid))

    def _agency_secret(self, session: Session, kid: str) -> bytes:
        known: dict[str, bytes] = session.info.setdefault(_AGENCY_KEYS, {})
        if kid not in known:
            wrapped = session.scalar(select(AgencyKey.wrapped).where(AgencyKey.kid == kid))
            if wrapped is None:
                raise SealBroken("这段内容的密钥已经销毁")
            known[kid] = self._unwrap(session, kid, wrapped, AgencyKey.__tablename__)
        return known[kid]

    # Agencies and years

    def data_key(self, session: Session, agency_id: int, year: int, at: dt.datetime) -> tuple[str, bytes]:
        """Return the key in use for an agency and year, made now if there is none."""
        wanted = {"agency": agency_id, "of_year": year}
        kid = _IN_USE.one_or_none(session, **wanted)
        if kid is None:
            self.make(session, agency_id, year, at)
            kid = _IN_USE.one_or_none(session, **wanted)
        return kid, self._secret(session, kid)

    def make(self, session: Session, agency_id: int, year: int, at: dt.datetime) -> None:
        """Make a key for an agency and year, unless somebody else has done so in the meantime."""
        kid, masters = _fresh_kid(), self.masters
        session.execute(
            _adding(session)(DataKey)
            .values(
                kid=kid,
                agency_id=agency_id,
                year=year,
                master=masters.current,
                wrapped=self.wrap(kid, sealing.fresh_key()),
                created_at=at,
            )
            .on_conflict_do_nothing()
        )

    def wrap(self, kid: str, secret: bytes) -> str:
        """Wrap a data key by the current master key."""
        masters = self.masters
        return sealing.seal(self.suite, masters.current, masters.master, _text(secret), "data_keys", kid)

    def unwrap_data(self, kid: str, wrapped: str) -> bytes:
        master = sealing.key_id_of(wrapped)
        if master not in self.masters.masters:
            self._masters = self._read_masters()  # changed while this process was running
        if (key := self.masters.masters.get(master)) is None:
            raise KeyMissing(f"主密钥文件中没有{master}：不能打开已加密的内容")
        return base64.b64decode(sealing.unseal(key, wrapped, "data_keys", kid))

    def _secret(self, session: Session, kid: str) -> bytes:
        found = self._data.get(kid)
        if found is None:
            wrapped = session.scalar(select(DataKey.wrapped).where(DataKey.kid == kid))
            if wrapped is None:
                raise SealBroken("数据密钥已经销毁")
            found = self._data[kid] = self.unwrap_data(kid, wrapped)
        return found


def keyring_of(session: Session) -> Keyring:
    """Return the keys of the database a session works on."""
    found = ring_of(session)
    assert isinstance(found, Keyring)
    return found


def year_of(at: dt.datetime) -> int:
    """Return the year a moment falls in for its agency."""
    return at.astimezone(_SHANGHAI).year


def _case_of(row: Any) -> int | None:
    """Return the case a row belongs to; None for an agency's own, and for a case that is about to be entered."""
    case_id: int | None = row.id if isinstance(row, Case) else getattr(row, "case_id", None)
    return case_id


def _adding(session: Session) -> Any:
    """Return the INSERT that knows ON CONFLICT, of the database a session works on."""
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert


def fresh() -> Key:
    """Make a key for a case."""
    return Key(_fresh_kid(), sealing.fresh_key())


def _fresh_kid() -> str:
    return secrets.token_hex(8)


def _text(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def _known(session: Session) -> dict[int, Key | None]:
    known: dict[int, Key | None] = session.info.setdefault(_CASE_KEYS, {})
    return known


@event.listens_for(Session, "after_commit")
def _forget(session: Session) -> None:
    for known in (_CASE_KEYS, _AGENCY_KEYS):
        session.info.pop(known, None)


@event.listens_for(Session, "after_soft_rollback")
def _forget_undone(session: Session, _previous: object) -> None:
    for known in (_CASE_KEYS, _AGENCY_KEYS):
        session.info.pop(known, None)
