"""The graph as the command line needs it: imported and built before anything else is done."""

import atexit
import gc
from typing import Any

from segmentation_assets.settings import Settings


def load_definitions(settings: Settings) -> Any:
    """Import Dagster and build the definitions of the graph.

    Half a million objects are made by that, nearly all of which live until the process ends. Python is kept from
    looking for garbage among them, now and later: it would be a tenth of what a run computes.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        from segmentation_assets.definitions import build_definitions

        return build_definitions(settings)
    finally:
        gc.freeze()
        atexit.register(gc.unfreeze)  # libraries look at the end whether all that is theirs was let go
        if was_enabled:
            gc.enable()
