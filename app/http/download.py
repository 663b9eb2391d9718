"""Files that leave: named in Chinese, and every one of them journalled."""

from urllib.parse import quote

from fastapi import Response

from app.house import House
from app.services import journal
from app.services.desk import Desk


def download(house: House, desk: Desk, content: bytes, media_type: str, name: str) -> Response:
    """Send a file, and write down who took it."""
    house.write_aside(
        lambda session: journal.append(session, desk.actor, desk.now, "exported", "导出", data={"file": name})
    )
    plain = "export." + name.rpartition(".")[2]
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"Content-Disposition": named, "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
