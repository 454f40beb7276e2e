"""How an asset fails for a reason that a person can mend: by its sentence, and not by a trace."""

from collections.abc import Iterator
from contextlib import contextmanager

from dagster import Failure

from segmentation_assets.errors import SegmentationError


@contextmanager
def sentence_first() -> Iterator[None]:
    """Fail the step with the sentence of an error of ours, which the UI then shows before anything else.

    It is not tried again within the run: the same delivery is refused for the same reason.
    """
    try:
        yield
    except SegmentationError as error:
        raise Failure(str(error), allow_retries=False) from error
