"""Tabs of Google spreadsheets."""

from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.settings import Settings
from segmentation_assets.sources.delivery import Source
from segmentation_assets.sources.places._place import Place


def _open(_: Settings, portfolio: Portfolio) -> Source:
    try:  # here and not above: gspread is an extra, and takes a while to import
        from segmentation_assets.sources.sheets.google_sheets import GoogleSheets  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise SourceError(
            f"Reading Google Sheets needs {str(error.name).partition('.')[0]}, which is not installed. Install "
            "segmentation-assets[sheets]."
        ) from None
    return GoogleSheets(portfolio)


PLACE = Place(words=lambda _: "Google Sheets", open=_open)
