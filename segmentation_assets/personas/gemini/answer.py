"""The shape an answer must have, and what is kept of one that has it."""

from collections.abc import Collection

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_ANSWER_LETTERS = 100_000


class AnswerError(Exception):
    """An answer is not of the shape that was asked for; the words say how and quote nothing of it."""


class NamedSegment(BaseModel):
    """The words for one segment."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    segment_id: int
    name: str = Field(description="2 to 4 words")
    description: str = Field(description="at most 25 words, one sentence that begins with Customers")
    motivation: str = Field(description="at most 25 words, one sentence that begins with They")
    product_strategy: str = Field(description="at most 25 words, one sentence that begins with a verb")


class Answer(BaseModel):
    """Every segment that was asked about, once."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    segments: list[NamedSegment]


def read_answer(text: str, asked: Collection[int]) -> dict[int, NamedSegment]:
    """Return the words for each segment.

    Raises
    ------
    AnswerError
        If the text is no JSON of the shape, or a segment is missing, unknown or there twice.
    """
    if len(text) > MAX_ANSWER_LETTERS:
        raise AnswerError(f"its answer is longer than {MAX_ANSWER_LETTERS:,} letters")
    try:
        answer = Answer.model_validate_json(text)
    except (ValidationError, RecursionError):  # its words would quote the answer
        raise AnswerError("its answer is not the JSON that was asked for") from None
    ids = [segment.segment_id for segment in answer.segments]
    if sorted(ids) != sorted(asked):
        raise AnswerError(f"its answer has {len(ids)} segments for {len(asked)}, or other ones")
    return {segment.segment_id: segment for segment in answer.segments}
