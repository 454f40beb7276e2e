"""Whether the words of an earlier day may stay: a name holds until it is clearly false.

What a name claims is looked up in the profile of today as any claim is, by thresholds about two thirds as high as those
it was given by (`evidence.HELD`). A name that claims nothing, such as Typical Customers, stays until the profile backs
a claim by which a new name would be given. Texts that Gemini wrote are held to the same; one that no longer holds gives
way to the rule-based one, and the name stays.
"""

import pandas as pd

from segmentation_assets.personas.claims.evidence import HELD
from segmentation_assets.personas.gemini.namer import LensVocabulary, Wording


def still_holds(name: str, profile: pd.DataFrame, vocabulary: LensVocabulary) -> bool:
    """Tell whether a name given on another day is true of today's profile."""
    ground = vocabulary.ground(profile, HELD)
    if ground.check_name(name, must_tell=False):
        return False
    return ground.makes_claims(name) or not vocabulary.ground(profile).stands_out


def held_texts(earlier: Wording, by_rules: Wording, profile: pd.DataFrame, vocabulary: LensVocabulary) -> Wording:
    """Return the texts of an earlier day, each replaced by that of the rules where it no longer holds."""
    ground = vocabulary.ground(profile, HELD)
    is_true = {
        "description": not ground.check_text(earlier.description),
        "motivation": not ground.check_text(earlier.motivation),
        "product_strategy": not ground.check_text(earlier.product_strategy, is_proposal=True),
    }
    texts = {key: getattr(earlier if holds else by_rules, key) for key, holds in is_true.items()}
    return Wording(earlier.name, **texts)
