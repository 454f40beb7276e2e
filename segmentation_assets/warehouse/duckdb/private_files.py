"""Files that only their owner may read: what the warehouse holds is personal, and so are its journal and its lock.

DuckDB makes its files with what the process allows everybody. That is one setting of the whole process, so threads
that ask for it at once share it, and the last of them puts back what was there.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_OTHERS = 0o077

_guard = threading.Lock()
_asking = 0
_before = 0


@contextmanager
def private_files() -> Iterator[None]:
    """Let no file or folder that is made meanwhile be read or entered by others."""
    global _asking, _before  # noqa: PLW0603 - it is the process's own setting that is kept
    with _guard:
        if not _asking:
            _before = os.umask(_OTHERS)
        _asking += 1
    try:
        yield
    finally:
        with _guard:
            _asking -= 1
            if not _asking:
                os.umask(_before)
