"""Packing and unpacking a volume: one fixed way to write the ZIP, so that the same files always give the same bytes."""

import io
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can say; the manifest says when the case was archived
_REGULAR = 0o100600 << 16


def pack(members: Mapping[str, bytes]) -> bytes:
    """Write files into a ZIP: sorted, uncompressed, without time, owner or comment.

    Nothing is compressed because compressors differ from version to version, and documents are compressed already.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(members):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system = 3  # the default differs between Windows and the rest
            entry.external_attr = _REGULAR
            archive.writestr(entry, members[path])
    return packed.getvalue()
