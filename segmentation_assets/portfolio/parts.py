"""What every part of the portfolio file is made of: its base, and the types of plain values."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema


class Part(BaseModel):
    """A part of the portfolio file: unknown keys are errors, values are not coerced, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _day(value: Any) -> Any:
    """Take a quoted date as the date that it spells; leave the rest to the type."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return date.fromisoformat(value)
    return value


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "day"})]
"""A calendar day, quoted or not: YAML reads 1900-01-01 as a date and "1900-01-01" as text."""


Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NAME_PATTERN = r"^[a-z][a-z0-9_]*$"
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
"""What the file names here. Where it refers to a name it is any text, since `references` says which names there are."""
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[list[Text], Field(min_length=1)]
