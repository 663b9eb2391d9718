"""Who acts: a person or an interface key, as services and guards see them."""

from dataclasses import dataclass

from app.domain.terms import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A signed-in caller. `name` is the user name, or `key:<prefix>` for an interface key; it is what records keep."""

    name: str
    label: str  # what a clerk reads: the person's or the system's name
    agency_id: int
    agency_path: str  # "/1/7/": the agency and all above it
    roles: frozenset[Role]
    is_key: bool = False
