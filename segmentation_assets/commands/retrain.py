"""`segmentation retrain`: ask for a further model, from a day on."""

import getpass
import shlex
from collections.abc import Sequence
from datetime import date

from segmentation_assets.commands.console.hints import this_command
from segmentation_assets.commands.console.terminal import Terminal
from segmentation_assets.commands.own_warehouse import open_own_warehouse
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import Settings


def ask_for_a_model(
    settings: Settings,
    day: date,
    lenses: Sequence[str],
    console: Terminal,
    *,
    reason: str,
    requested_by: str | None,
    portfolio: str | None,
) -> None:
    """Write the request down and say what follows from it.

    Parameters
    ----------
    lenses : those that it is for; all where none is named.
    portfolio : what --portfolio said, for the commands that are told.
    """
    warehouse = open_own_warehouse(settings)
    from segmentation_assets.blueprint import draw_blueprint
    from segmentation_assets.defs.tables.requests import RetrainingRequest, write_request

    asked = {"lenses": list(lenses)} if lenses else {}
    request = RetrainingRequest(reason=reason, requested_by=requested_by or getpass.getuser(), **asked)
    blueprint = draw_blueprint(load_portfolio(settings.portfolio))
    written = write_request(blueprint, warehouse, day, request)
    named = ", ".join(written["lens"])
    console.print(f"From {day} on, a further model is asked for: {named}.")
    own = f" --portfolio {shlex.quote(portfolio)}" if portfolio else ""
    console.print(f"See what that makes stale:  {this_command()} plan{own}", soft_wrap=True)
    console.print(f"Make it:                    {this_command()} backfill --stale{own}", soft_wrap=True)
