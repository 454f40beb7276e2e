"""Files whose name someone else wrote: found within one folder, and nothing but regular files.

A portfolio names its CSV files, and may come from anybody. So a name is a name and no path, a link may not lead out of
the folder, and what is opened is looked at again once it is open.
"""

import os
import stat
from pathlib import Path

from segmentation_assets.characters import control_in

_LONGEST = 255
"""Bytes that a file's name may have, on every file system that is in use."""

_FLAGS = ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")
"""A link is not followed and a pipe not waited for; each system has the flags that it needs."""


class NotEnclosedError(Exception):
    """A file that is not to be read; says why, as the end of a sentence that starts with its name."""


def fault_of_name(name: str) -> str | None:
    """Return what is wrong with the name of a file, as the end of a sentence; None where it is a plain name.

    >>> fault_of_name("customers.csv")
    >>> fault_of_name("../customers.csv")
    'is a path'
    """
    if "/" in name or "\\" in name or name in {".", ".."} or name[1:2] == ":":
        return "is a path"
    if hidden := control_in(name):
        return f"holds the character {hidden}"
    if name != name.strip() or name.endswith("."):
        return "begins or ends with a blank or ends with a point"
    if not name or len(name.encode()) > _LONGEST:
        return f"is not from 1 to {_LONGEST} bytes long"
    return None


def find_enclosed(folder: Path, name: str) -> Path | None:
    """Return where the file of a name in a folder lies, once links are followed; None where nothing has that name.

    Raises
    ------
    NotEnclosedError
        If the name is a path, or what has it lies outside of the folder or is no regular file.
    """
    if fault := fault_of_name(name):
        raise NotEnclosedError(fault)
    path = folder / name
    if not os.path.lexists(path):
        return None
    try:
        real, home = path.resolve(strict=True), folder.resolve(strict=True)
    except (OSError, RuntimeError):  # a link to nothing, or to itself
        raise NotEnclosedError("is a link that leads nowhere") from None
    if not real.is_relative_to(home):
        raise NotEnclosedError("is a link that leads out of the folder")
    if not real.is_file():
        raise NotEnclosedError("is a folder, a pipe or a device, and no file")
    return real


def read_regular(path: Path, most: int | None = None) -> bytes:
    """Return the bytes of a regular file, at most so many and one more; nothing else is waited for.

    Raises
    ------
    NotEnclosedError
        If it is a link, a pipe or a device by the time that it is open.
    OSError
        If it cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | sum(getattr(os, flag, 0) for flag in _FLAGS))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotEnclosedError("is a folder, a pipe or a device, and no file")
        return file.read() if most is None else file.read(most + 1)
