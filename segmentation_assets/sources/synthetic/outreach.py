"""The outreach table: campaigns with randomised control groups, two years of them.

A quarter has one campaign. A share of the customers is drawn for it at random
and 30 % of those are held back as its control group. A campaign adds to the
conversion of those it reaches the points that their persona plants, scaled by
the campaign's own strength; the control group converts at its base rate.
"""

from datetime import date

import numpy as np
import pandas as pd

from segmentation_assets.sources.synthetic.customers import channel_codes, customer_ids
from segmentation_assets.sources.synthetic.delivery import Rows, dates, flags, identifiers, words
from segmentation_assets.sources.synthetic.personas import CHANNELS, PERSONA_NAMES, column
from segmentation_assets.sources.synthetic.population import EPOCH, People

DAYS_KEPT = 730
REACH = 0.20
CONTROL_SHARE = 0.30
RESPONSE_RATE = 0.12
CONVERSION_WINDOW = 30

# Strength of the campaign of each quarter against the personas' uplift.
STRENGTH = (1.0, 1.3, 0.6, 1.1)


def launches(day: int) -> list[tuple[int, int, int]]:
    """(year, quarter, day) of the campaigns that the table holds on a day."""
    years = range(EPOCH.year + (day - DAYS_KEPT) // 366 - 1, EPOCH.year + day // 365 + 2)
    every = ((year, quarter, (date(year, 3 * quarter + 2, 10) - EPOCH).days) for year in years for quarter in range(4))
    return [launch for launch in every if day - DAYS_KEPT < launch[2] <= day]


def campaign_id(year: int, quarter: int) -> str:
    """Return the key of a quarter's campaign, such as CMP-2024-Q1."""
    return f"CMP-{year}-Q{quarter + 1}"


def planted_uplifts(day: int) -> pd.DataFrame:
    """Return the uplift planted in each campaign of a day and each persona, for tests."""
    return pd.DataFrame(
        [
            (campaign_id(year, quarter), name, base, uplift * STRENGTH[quarter])
            for year, quarter, _ in launches(day)
            for name, base, uplift in zip(PERSONA_NAMES, column("conversion"), column("uplift"), strict=True)
        ],
        columns=["campaign_id", "segment", "base_conversion", "uplift"],
    )


def outreach_rows(people: People, day: int) -> Rows:
    """Return the outreach table of a block on a day, by customer and then by date."""
    held = launches(day)
    code = np.array([(year * 4 + quarter) % 10_000 for year, quarter, _ in held])
    launched = np.array([launch for _, _, launch in held])
    sent = launched + (people.uniform("outreach.day", code) * 14).astype(np.int64)
    is_customer = (people.joined[:, None] <= launched) & (sent < people.left[:, None])
    is_chosen = people.uniform("outreach.chosen", code) < REACH
    row, which = np.nonzero(is_customer & is_chosen & (sent <= day))
    people, sent, quarter = people.take(row), sent[row, which], code[which] % 4

    def draw(purpose: str) -> np.ndarray:
        return people.uniform(purpose, code[which][:, None])[:, 0]

    is_control = draw("outreach.control") < CONTROL_SHARE
    persona = people.persona(sent)
    base = column("conversion")[persona]
    uplift = np.where(is_control, 0.0, column("uplift")[persona] * np.array(STRENGTH)[quarter])
    luck = draw("outreach.luck")
    converts = luck < base + uplift
    won = converts & (luck >= base)
    delay = 1 + (draw("outreach.delay") * CONVERSION_WINDOW).astype(np.int64)
    responds = ~is_control & (won | (draw("outreach.response") < RESPONSE_RATE))
    codes = people.number * 10_000 + code[which]
    return Rows(
        codes,
        {
            "outreach_id": identifiers("O", codes, 12),
            "campaign_id": words(which, [campaign_id(year, quarter) for year, quarter, _ in held]),
            "customer_id": customer_ids(people.number),
            "outreach_date": dates(sent),
            "channel": words(channel_codes(people), CHANNELS),
            "is_control": flags(is_control),
            "has_responded": flags(responds & (sent + (delay + 1) // 2 <= day)),
            "has_converted": flags(converts & (sent + delay <= day)),
        },
    )
