"""How a step fails for a reason that a person can mend: by its sentence, and not by a trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster import Failure, InputContext, OutputContext

from segmentation_assets.errors import SegmentationError
from segmentation_assets.warehouse.io_manager import WarehouseIOManager


@contextmanager
def sentence_first() -> Iterator[None]:
    """Fail the step with the sentence of an error of ours, which the UI then shows before anything else.

    It is not tried again within the run: the same rows are refused for the same reason.
    """
    try:
        yield
    except SegmentationError as error:
        raise Failure(str(error), allow_retries=False) from error


class SpokenIOManager(WarehouseIOManager):
    """Keeps assets in the warehouse, and says in a sentence what it cannot read or write."""

    def handle_output(self, context: OutputContext, obj: object) -> None:
        """Replace the asset's partitions by what it returned."""
        with sentence_first():
            super().handle_output(context, obj)

    def load_input(self, context: InputContext) -> Any:
        """Return the upstream asset's partitions."""
        with sentence_first():
            return super().load_input(context)
