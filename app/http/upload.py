"""Files that come in over HTTP: looked at before anything is written."""

from typing import Annotated

from fastapi import Depends, File, UploadFile

from app.services import file_types
from app.services.file_types import Examined


def _examined(file: Annotated[UploadFile, File(description="文件，最大 50 MiB")]) -> Examined:
    """Look at an upload before the transaction begins; what is wrong with it is said after the caller is known."""
    return file_types.examine(file.filename or "", file.file.read())


Upload = Annotated[Examined, Depends(_examined)]
