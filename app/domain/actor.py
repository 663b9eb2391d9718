"""Who acts: a person or an interface key, as services and guards see them."""

from dataclasses import dataclass

from app.domain.terms import Role, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A signed-in caller. `name` is the user name, or `key:<prefix>` for an interface key; it is what records keep."""

    name: str
    label: str  # what a clerk reads: the person's or the system's name
    agency_id: int
    agency_path: str  # "/1/7/": the agency and all above it
    roles: frozenset[Role]
    is_key: bool = False
    system: str = ""  # the system behind a key; a key that takes another's place has the same
    before: frozenset[int] = frozenset()  # agencies that were merged into this one, whose history it sees
    scopes: frozenset[Scope] = frozenset(Scope)  # a key may be narrowed to some

    @property
    def account(self) -> str:
        """Whom cases and repeated attempts belong to: the person, or the system, which outlives its key."""
        return f"key:{self.system}" if self.system else self.name
