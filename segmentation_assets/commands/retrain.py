"""`segmentation retrain`: ask for a further model, from a day on."""

import getpass
from collections.abc import Sequence
from datetime import date

from rich.console import Console

from segmentation_assets.defs.blueprint import draw_blueprint
from segmentation_assets.defs.requests import RetrainingRequest, write_request
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import Settings
from segmentation_assets.warehouse import open_warehouse


def ask_for_a_model(
    settings: Settings, day: date, lenses: Sequence[str], console: Console, *, reason: str, requested_by: str | None
) -> None:
    """Write the request down and say what follows from it; without lenses it is for all of them."""
    asked = {"lenses": list(lenses)} if lenses else {}
    request = RetrainingRequest(reason=reason, requested_by=requested_by or getpass.getuser(), **asked)
    blueprint = draw_blueprint(load_portfolio(settings.portfolio))
    written = write_request(blueprint, open_warehouse(settings), day, request)
    named = ", ".join(written["lens"])
    console.print(f"From {day} on, a further model is asked for: {named}.")
    console.print("See what that makes stale:  segmentation plan")
    console.print("Make it:                    segmentation backfill --stale")
