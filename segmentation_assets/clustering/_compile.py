"""How the folder's kernels are compiled and when a compiled one on disk is out of date."""

from functools import cache
from pathlib import Path

from numba import njit


@cache
def source_stamp():
    """Return what identifies this folder's compiled code: name, time and size of every module with a kernel."""
    files = [
        file for file in sorted(Path(__file__).parent.glob("*.py")) if "._compile import" in file.read_text("utf-8")
    ]
    return tuple((file.name, file.stat().st_mtime, file.stat().st_size) for file in files)


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
    return compiled


def inner(function):
    """Compile a function that only kernels call: nothing on disk of its own, no door to the interpreter.

    Unpacking a tuple of arrays from Python takes longer to compile than many
    a loop; what is called from compiled code alone can do without.
    """
    return njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
