"""Whether Gemini can be asked for names as the settings say, without a question to it."""

from segmentation_assets.checking.findings import Findings
from segmentation_assets.personas.gemini.failures import GeminiError
from segmentation_assets.personas.gemini.namer import open_gemini
from segmentation_assets.settings import Settings

_PATIENCE_SECONDS = 10.0
"""How long the service may keep silent: somebody sits before the terminal."""


def check_names(settings: Settings) -> Findings:
    """Return whether the model that the settings name is there and may be asked; nothing where names are by rules.

    Trouble is a warning: a run goes on all the same.
    """
    gemini = open_gemini(settings, timeout_seconds=_PATIENCE_SECONDS)
    if gemini is None:
        return Findings()
    try:
        gemini.look_up()
    except GeminiError as error:
        words = f"Gemini cannot be asked for names: {str(error).rstrip('.')}"
        end = "" if words.endswith("?") else "."
        return Findings(warnings=(f"{words}{end} Until that is mended, names are by rules.",))
    return Findings(looked_at=(f"names: {gemini.model} can be asked {gemini.way}",))
