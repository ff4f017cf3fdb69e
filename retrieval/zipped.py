"""Read what others packed in a zip archive, within limits that are checked before anything is unpacked."""

from io import BytesIO
from zipfile import BadZipFile, ZipFile

from retrieval.formats import Unreadable

_MAX_UNPACKED, _MAX_PART, _MAX_PARTS = 200_000_000, 50_000_000, 10_000
_MAX_RATIO = 200
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def open_archive(data: bytes, kind: str) -> ZipFile:
    """Open a zip archive that is no bomb; `kind` names it in messages, as "a .docx file".

    Raises:
        Unreadable: It is no archive, damaged, protected, or unpacks to too much.
    """
    if data.startswith(_OLD_OFFICE):
        raise Unreadable(f"it is protected with a password, or of an older form than {kind}; save it anew")
    try:
        archive = ZipFile(BytesIO(data))
    except (BadZipFile, ValueError, NotImplementedError, EOFError, OSError) as error:
        raise Unreadable(f"it is damaged, or not {kind}") from error
    parts = archive.infolist()
    # zipfile never unpacks more of a part than is stated here.
    sizes = [part.file_size for part in parts]
    if len(parts) > _MAX_PARTS or sum(sizes) > _MAX_UNPACKED or max(sizes, default=0) > _MAX_PART:
        raise Unreadable("it unpacks to more than may be read: it is a zip bomb, or far too large")
    if sum(sizes) > _MAX_RATIO * len(data) + 1_000_000:
        raise Unreadable(f"it unpacks to over {_MAX_RATIO} times its size: it is a zip bomb")
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("it is protected with a password; save it without one")
    return archive


def read_part(archive: ZipFile, name: str, kind: str) -> bytes:
    """Unpack one file of an archive.

    Raises:
        Unreadable: It is not there, or damaged.
    """
    import zlib

    try:
        return archive.read(name)
    except KeyError as error:
        raise Unreadable(f"it is not {kind}: it lacks {name[:80]!r}") from error
    except (
        BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        zlib.error,
    ) as error:
        raise Unreadable(f"its part {name[:80]!r} is damaged") from error
