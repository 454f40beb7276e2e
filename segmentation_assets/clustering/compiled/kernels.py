"""How the library's kernels are compiled, when a compiled one on disk is out of date, and who compiles it."""

import hashlib
import os
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import llvmlite
import numba
from numba import njit
from numba.core.compiler_lock import global_compiler_lock

try:
    import fcntl
except ImportError:  # Windows: two processes may then compile one kernel twice.
    fcntl = None  # type: ignore[assignment]


@cache
def source_stamp():
    """Return what identifies the library's compiled code: name, time and size of every module with a kernel."""
    library = Path(__file__).parents[1]
    files = [file for file in sorted(library.rglob("*.py")) if "compiled.kernels import" in file.read_text("utf-8")]
    return tuple((str(file.relative_to(library)), file.stat().st_mtime, file.stat().st_size) for file in files)


def kernel(function):
    """Compile a function to machine code that holds no interpreter lock, and keep it on disk.

    numba takes a cached function for fresh while the function's own file is
    unchanged, although code of other files is compiled into it: after an edit
    in one of those it would go on running the old code without a word. So the
    cache is stamped with every module that holds a kernel. Nothing is compiled with
    `fastmath` or `parallel`: the first breaks NaN and the order of additions,
    the second takes long to compile and collapses when a core is busy.
    """
    compiled = njit(nogil=True, cache=True, error_model="numpy")(function)
    index = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    if hasattr(index, "_source_stamp"):
        index._source_stamp = source_stamp()
    _compile_once(compiled)
    return compiled


def inner(function):
    """Compile a function that only kernels call: nothing on disk of its own, no door to the interpreter.

    Unpacking a tuple of arrays from Python takes longer to compile than many
    a loop; what is called from compiled code alone can do without.
    """
    return njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)


def _compile_once(dispatcher):
    """Let one process at a time compile a kernel: the others wait, and find it on disk.

    The order is numba's own lock first: a thread that compiles holds it while it comes to the kernels called within.
    """
    compile_ = dispatcher.compile

    def compile_once(signature):
        with global_compiler_lock, _turn(dispatcher):
            return compile_(signature)

    dispatcher.compile = compile_once


@contextmanager
def _turn(dispatcher):
    """Hold the lock file of a kernel; where there can be none, go on without."""
    held = None
    if fcntl is not None:
        name = f"{dispatcher.py_func.__module__}.{dispatcher.py_func.__name__}.lock"
        with suppress(OSError, AttributeError):
            place = Path(dispatcher._cache.cache_path)
            place.mkdir(parents=True, exist_ok=True)
            held = os.open(place / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if held is not None:
            os.close(held)


def are_compiled():
    """Tell whether this machine has compiled these kernels, as `note_compiled` wrote down."""
    return _note().exists()


def note_compiled():
    """Write down that all kernels have been compiled."""
    with suppress(OSError):
        _note().touch()


def _note():
    versions = (source_stamp(), numba.__version__, llvmlite.__version__, numba.config.CPU_NAME)
    stamp = hashlib.sha256(repr(versions).encode()).hexdigest()[:16]
    return Path(_place_of_cache()) / f"kernels-{stamp}.compiled"


@cache
def _place_of_cache():
    """Return the folder where numba keeps what is compiled of this one."""
    return njit(cache=True)(_nothing)._cache.cache_path


def _nothing():
    """Stand for a kernel."""
