"""The document of a role: the same one without the operations the role may not use, nor what only those need."""

from collections.abc import Iterator, Set
from typing import Any

from app.domain.terms import Role
from app.openapi import groups

Json = dict[str, Any]


def narrowed(document: Json, roles: Set[Role]) -> Json:
    """Leave of a finished document what somebody with these roles may call; nothing of the given one is changed."""
    wanted = {role.value for role in roles}
    paths: Json = {}
    for path, item in document["paths"].items():
        allowed = {method: operation for method, operation in item.items() if _allows(operation, wanted)}
        if allowed:
            paths[path] = allowed
    used = {operation["tags"][0] for item in paths.values() for operation in item.values()}
    held = "、".join(role.label for role in Role if role in roles)
    info = document["info"] | {"description": f"{document['info']['description']}\n\n只列出{held}可以使用的操作。\n"}
    return {**document, "info": info, "paths": paths, "tags": groups.described(used)} | {
        "components": _needed(paths, document["components"])
    }


def _allows(operation: Json, roles: Set[str]) -> bool:
    """Tell whether one of the roles may call it; without named roles everybody may who is signed in, or just anybody."""
    named = set(operation.get("x-roles", ()))
    return not named or bool(named & roles)


def _needed(paths: Json, components: Json) -> Json:
    """Keep the schemas and responses that are referred to, directly or by one another."""
    kept: dict[str, Json] = {}
    waiting = [*_references(paths)]
    while waiting:
        kind, name = waiting.pop()
        if name not in kept.setdefault(kind, {}):
            kept[kind][name] = components[kind][name]
            waiting += _references(components[kind][name])
    return {
        kind: {name: part for name, part in parts.items() if kind == "securitySchemes" or name in kept.get(kind, {})}
        for kind, parts in components.items()
    }


def _references(part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/"):
            _, _, kind, name = reference.split("/")
            yield kind, name
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)
