"""`segmentation retrain`: ask for a further model, from a day on."""

import getpass
import shlex

import click
from rich.console import Console

from segmentation_assets.commands.hints import this_command
from segmentation_assets.commands.options import PORTFOLIO, errors_told, parse_day
from segmentation_assets.commands.preflight import open_own_warehouse
from segmentation_assets.errors import SettingsError
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import read_settings


@click.command()
@click.option("--date", "day", metavar="YYYY-MM-DD", help="First day of the new model; today in London if not given.")
@click.option("--reason", required=True, help="Why; it is kept beside the model for good.")
@click.option("--lens", "lenses", multiple=True, help="Lens to train anew, once for each; all if not given.")
@click.option("--by", "requested_by", help="Who asks; the name you are logged in by if not given.")
@PORTFOLIO
def retrain(
    day: str | None, reason: str, lenses: tuple[str, ...], requested_by: str | None, portfolio: str | None
) -> None:
    """Write a further retraining date down; from that day on a model trained on its snapshot is in force.

    Nothing is run. The rest of the period is stale from then on: segmentation plan shows it, and segmentation backfill
    --stale makes it. A request is never taken back, so that past days can be made again as they were.
    """
    console = Console(stderr=True, highlight=False)
    with errors_told(console):
        settings = read_settings(portfolio=portfolio)
        as_of = parse_day(day, load_portfolio(settings.portfolio).history_start)
        if not reason.strip():
            raise SettingsError("--reason is empty. Say why in a few words, such as 'new products since May'.")
        warehouse = open_own_warehouse(settings)
        # Dagster takes seconds to import; help and wrong usage should not wait for it.
        from segmentation_assets.defs.blueprint import draw_blueprint  # noqa: PLC0415
        from segmentation_assets.defs.requests import RetrainingRequest, write_request  # noqa: PLC0415

        asked = {"lenses": list(lenses)} if lenses else {}
        request = RetrainingRequest(reason=reason.strip(), requested_by=requested_by or getpass.getuser(), **asked)
        blueprint = draw_blueprint(load_portfolio(settings.portfolio))
        written = write_request(blueprint, warehouse, as_of, request)
        named = ", ".join(written["lens"])
        console.print(f"From {as_of} on, a further model is asked for: {named}.")
        own = f" --portfolio {shlex.quote(portfolio)}" if portfolio else ""
        console.print(f"See what that makes stale:  {this_command()} plan{own}", soft_wrap=True)
        console.print(f"Make it:                    {this_command()} backfill --stale{own}", soft_wrap=True)
