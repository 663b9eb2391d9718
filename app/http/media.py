"""What a request says its body is."""

from starlette.datastructures import Headers

JSON = "application/json"
UPLOAD = "multipart/form-data"
FORMS = frozenset({UPLOAD, "application/x-www-form-urlencoded"})


def media_type(headers: Headers) -> tuple[str, str]:
    """Return the type in lower case without its parameters, and the parameters."""
    kind, _, parameters = headers.get("content-type", "").partition(";")
    return kind.strip().lower(), parameters.strip().lower().replace('"', "")
