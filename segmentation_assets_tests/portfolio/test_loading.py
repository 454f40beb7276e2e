import os

import pytest

from segmentation_assets.errors import PortfolioError
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.loading import PACKAGED, packaged_portfolios
from segmentation_assets_tests.portfolio.conftest import SMALL


def test_every_packaged_portfolio_loads():
    assert "insurance" in packaged_portfolios()
    for name in packaged_portfolios():
        portfolio = load_portfolio(name)
        assert portfolio.name == name
        assert portfolio.folder == PACKAGED


def test_the_default_portfolio_has_the_published_lens():
    portfolio = load_portfolio("insurance")
    lens = portfolio.lenses[portfolio.primary_lens]
    assert lens.features == ["age", "income", "tenure_years", "premium_to_coverage", "marital_status"]
    assert lens.n_clusters == 3
    assert {portfolio.features[name].scaling for name in lens.features} == {"minmax"}


def test_a_file_of_ones_own_knows_its_folder(at):
    (at / "mine.yaml").write_text(SMALL, encoding="utf-8")
    portfolio = load_portfolio(str(at / "mine.yaml"))
    assert (portfolio.name, portfolio.folder) == ("small", at)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(at):
    (at / "mine.yaml").write_text(SMALL, encoding="utf-8")
    plain = load_portfolio("mine.yaml")
    (at / "mine.yaml").write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load_portfolio("mine.yaml") == plain


def test_a_packaged_name_is_no_way_around_the_folder(at):
    (at / "own.yaml").write_text(SMALL, encoding="utf-8")
    with pytest.raises(PortfolioError, match="There is no portfolio"):
        load_portfolio(str(at / "own"))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (
            "insurence",
            (
                "There is no portfolio 'insurence'. Give one of insurance, or the path of a YAML file. "
                "Did you mean 'insurance'?"
            ),
        ),
        (
            "mine.yml",
            (
                "There is no portfolio 'mine.yml'. Give one of insurance, or the path of a YAML file. "
                "Did you mean 'mine.yaml'?"
            ),
        ),
        ("zzzzzzzzz", "There is no portfolio 'zzzzzzzzz'. Give one of insurance, or the path of a YAML file."),
        (".", "The portfolio '.' is a folder; give the path of a YAML file. It holds mine.yaml."),
    ],
)
def test_a_file_that_is_not_there(at, asked, words):
    (at / "mine.yaml").write_text(SMALL, encoding="utf-8")
    with pytest.raises(PortfolioError) as error:
        load_portfolio(asked)
    assert str(error.value) == words.replace("insurance,", f"{', '.join(packaged_portfolios())},")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read(at):
    (at / "mine.yaml").touch(mode=0o000)
    with pytest.raises(PortfolioError, match=r"mine\.yaml cannot be read: Permission denied"):
        load_portfolio("mine.yaml")


ADVICE = " Indent by spaces, and quote text that holds ': ' or ' #' or starts with a sign such as % or @."


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", ":1: is empty; it must hold keys such as name, sources, features and lenses."),
        (b"# nothing\n", ":1: is empty; it must hold keys such as name, sources, features and lenses."),
        (
            b"- a\n- b\n",
            (
                ":1: holds a list or a single value at its top; it must hold keys such as name, sources, "
                "features and lenses."
            ),
        ),
        (b"a: 1\nb: caf\xe9\n", ":2: is not UTF-8 text (byte 0xe9). Save it as UTF-8."),
        ("a: 1".encode("utf-16"), ":1: is not UTF-8 text (byte 0xff). Save it as UTF-8."),
        (b"a: 1\nb: c: d\n", ":2: is not YAML: mapping values are not allowed here." + ADVICE),
        (b"a: 1\nb: [%d]\n", ":2: is not YAML: found character '%' that cannot start any token." + ADVICE),
        (b"a:\n\tb: 1\n", ":2: is not YAML: found character '\\t' that cannot start any token." + ADVICE),
        (b"a: 1\nb: \x07\n", ":2: is not YAML: the character U+0007 may not stand in YAML." + ADVICE),
        (
            b"a: 1\n---\nb: 1\n",
            ":2: is not YAML: but found another document (expected a single document in the stream on "
            "line 1)." + ADVICE,
        ),
        (
            b"a: 'open\n",
            ":2: is not YAML: found unexpected end of stream (while scanning a quoted scalar on line 1)." + ADVICE,
        ),
    ],
)
def test_a_file_that_is_no_portfolio_at_all(faults, raw, words):
    assert faults(raw=raw) == ["mine.yaml" + words]


def test_every_fault_is_told_at_once_in_the_order_of_the_file(faults):
    told = faults(raw=SMALL.replace("currency: GBP\n", "").replace("n_clusters: 3", "n_clusters: one").encode())
    assert told == [
        "mine.yaml:1: the file lacks the key 'currency'.",
        "mine.yaml:25: lenses.overall.n_clusters is 'one'; give a whole number from 2 to 50, or auto.",
    ]
