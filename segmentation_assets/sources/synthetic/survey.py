"""The survey_responses table: the answers to the last two yearly surveys."""

import numpy as np

from segmentation_assets.sources.synthetic.customers import customer_ids
from segmentation_assets.sources.synthetic.delivery import Rows, dates, identifiers, integers, words
from segmentation_assets.sources.synthetic.personas import QUESTIONS, column
from segmentation_assets.sources.synthetic.population import People
from segmentation_assets.sources.synthetic.randomness import normal

WAVE = 365
"""Days between one survey of a customer and the next."""

WAVES_KEPT = 2
SKIPPED_SHARE = 0.04
COMMENTS = (
    "Quick and easy to deal with",
    "The premium went up too much",
    "I would like to manage this online",
    "Please call me before the renewal",
    "Good cover for the family",
    "The claim took a long time",
)
COMMENT_SHARE = 0.02


def survey_rows(people: People, day: int) -> Rows:
    """Return the survey table of a block on a day: a row a question answered."""
    phase = (people.uniform("survey.phase") * WAVE).astype(np.int64)
    wave = (day - phase)[:, None] // WAVE - np.arange(WAVES_KEPT)[::-1]
    asked = wave * WAVE + phase[:, None]
    is_customer = (people.joined[:, None] <= asked) & (asked < people.left[:, None])
    is_willing = people.uniform("survey.willing", wave) < column("response_rate")[people.persona(asked)]
    row, which = np.nonzero(is_customer & is_willing)
    return _answers(people.take(row), wave[row, which], asked[row, which])


def _answers(people: People, wave: np.ndarray, asked: np.ndarray) -> Rows:
    code = (wave[:, None] % 1000) * 10 + np.arange(len(QUESTIONS))
    # A trait lasts from wave to wave, a mood does not.
    trait = normal(people.uniform("survey.trait", np.arange(len(QUESTIONS))))
    mood = normal(people.uniform("survey.mood", code))
    mean = column("answers")[people.persona(asked)]
    score = np.clip(np.rint(mean + 0.55 * trait + 0.45 * mood), 1, 5)
    row, which = np.nonzero(people.uniform("survey.skipped", code) > SKIPPED_SHARE)
    luck = people.uniform("survey.comment", code)[row, which] / COMMENT_SHARE
    comment = np.where(luck < 1.0, np.minimum(luck, 0.999) * len(COMMENTS), -1).astype(np.int64)
    codes = people.number[row] * 10_000 + code[row, which]
    return Rows(
        codes,
        {
            "response_id": identifiers("S", codes, 12),
            "customer_id": customer_ids(people.number[row]),
            "survey_date": dates(asked[row]),
            "question": words(which, QUESTIONS),
            "answer": integers(score[row, which]),
            "comment": words(comment, COMMENTS),
        },
    )
