import pytest

from segmentation_assets.portfolio.document import NotYAMLError, read_document


def faults(text: str) -> list[tuple]:
    return [tuple(fault) for fault in read_document(text).faults]


def test_values_lines_and_spellings_by_place():
    document = read_document("a: 1\nb:\n  - yes\n  - {c: 12:30}\n")
    assert document.content == {"a": 1, "b": [True, {"c": 750}]}
    assert document.lines == {(): 1, ("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 1): 4, ("b", 1, "c"): 4}
    assert document.spellings == {("a",): "1", ("b", 0): "yes", ("b", 1, "c"): "12:30"}
    assert document.faults == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\nb: 2\na: 3\n", (("a",), "stands twice, on lines 1 and 3. Remove one of them.")),
        ("x:\n  - {a: 1, a: 1}\n", (("x", 0, "a"), "stands twice, on lines 2 and 2. Remove one of them.")),
        ("a: {no: 1}", (("a", "no"), 'is a key that YAML reads as false. Put it in quotes: "no".')),
        ("a: {1: 1}", (("a", "1"), 'is a key that YAML reads as 1. Put it in quotes: "1".')),
        ("a: 2024-02-30", (("a",), "is 2024-02-30, which YAML cannot read. Mend it, or quote it if it is text.")),
        ("a: =", (("a",), "is =, which YAML cannot read. Mend it, or quote it if it is text.")),
        ("a: !mine 1", (("a",), "has the tag !mine, which a portfolio may not use. Remove it.")),
        ("a: !mine [1]", (("a",), "has the tag !mine, which a portfolio may not use. Remove it.")),
        (
            "a: !!python/object:os.system {}",
            (
                ("a",),
                "has the tag tag:yaml.org,2002:python/object:os.system, which a portfolio may not use. Remove it.",
            ),
        ),
        (
            "c: {<<: {b: 1}}\n",
            (("c",), "has the merge key <<, which a portfolio may not use. Write the keys out."),
        ),
        ("a: {[1, 2]: 3}", (("a",), "has a key that is not a word. Write each key as one word and a colon.")),
    ],
)
def test_what_yaml_lets_pass_or_cannot_place(text, fault):
    assert faults(text) == [fault]


def test_the_line_of_what_is_no_yaml():
    with pytest.raises(NotYAMLError, match="mapping values are not allowed here") as error:
        read_document("a: 1\nb: c: d\n")
    assert error.value.line == 2


@pytest.mark.parametrize("text", ["", "# a comment\n"])
def test_an_empty_document_holds_nothing(text):
    assert read_document(text).content is None
