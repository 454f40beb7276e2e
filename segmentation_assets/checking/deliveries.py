"""The files of a data folder, read and cleaned as a run would, and nothing kept."""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa

from segmentation_assets.checking.contents import doubts
from segmentation_assets.checking.findings import Findings
from segmentation_assets.cleaning import clean_all
from segmentation_assets.cleaning.rejected.rejections import (
    RejectionError,
    Tally,
    count_rejections,
    refuse_mass_rejection,
    tell_rejections,
)
from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio import Portfolio, TableSource
from segmentation_assets.settings import Settings
from segmentation_assets.sources import Delivery, open_source, raw_tables, read_deliveries
from segmentation_assets.sources.csv.encoding import GUESSED


def check_deliveries(settings: Settings, portfolio: Portfolio, day: date) -> Findings:
    """Return what is to be said of the CSV files in the settings' data folder, were they read for a day.

    What lies in a sheet or in the warehouse is not looked at, nor are keys that would have to be found there.
    """
    files: dict[str, TableSource] = {
        name: source for name, source in portfolio.sources.items() if source.csv is not None
    }
    if settings.data_dir is None or not files:
        return Findings()
    delivered = portfolio.model_copy(update={"sources": files})
    try:
        source = open_source(settings, delivered)
    except SourceError as error:
        return Findings(faults=(str(error),))
    raw: dict[str, pa.Table] = {}
    faults: list[str] = []
    warnings: list[str] = []
    for name in files:
        try:
            found = read_deliveries(source, delivered, [name], day)
            if (delivery := found[name]) is not None:
                warnings += _guesses(delivery)
            raw |= raw_tables(found, delivered)
        except SourceError as error:
            faults += str(error).splitlines()
    cleaned, rejects = clean_all(raw, delivered, day)
    counts = {name: rows.num_rows for name, rows in raw.items() if rows.num_rows}
    tally = Tally(counts, rejects)
    try:
        refuse_mass_rejection(portfolio, {day: tally})
    except RejectionError as error:
        faults.append(str(error))
    bearable = rejects[~rejects["table_name"].isin(list(tally.refused(portfolio)))]  # of the others the refusal tells
    told = tell_rejections(count_rejections(bearable, portfolio), counts)
    warnings += ["\n  ".join([f"{counted} rejected:", *reasons]) for counted, reasons in told]
    if not faults:
        warnings += doubts(portfolio, cleaned, day)
    looked_at = [f"{name}: {_told(files[name].csv, counts.get(name, 0), len(cleaned[name].frame))}" for name in raw]
    elsewhere = [name for name in portfolio.sources if name not in files]
    looked_at += [f"{name}: not looked at, as it is no file" for name in elsewhere]
    return Findings(tuple(faults), tuple(warnings), tuple(looked_at))


def _guesses(delivery: Delivery) -> Iterator[str]:
    """Yield that the letters of a file may be others than were read."""
    for note in delivery.notes:
        if note.startswith(GUESSED):
            yield (
                f"{delivery.description}. Where letters come out wrong, name the encoding, such as "
                f"sources.{delivery.table}.encoding: cp1250."
            )


def _told(file: str | None, delivered: int, kept: int) -> str:
    if not delivered:
        return f"{file}, not provided"
    return f"{file}, {delivered:,} rows, " + ("all kept" if kept == delivered else f"{kept:,} kept")
