"""A version changes with what the code says, and not with how it is laid out."""

import pytest

from segmentation_assets.defs import code_versions
from segmentation_assets.defs.code_versions import code_version

CODE = 'def double(x):\n    """Return twice x."""\n    return 2 * x\n'


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setattr(code_versions, "PACKAGE", tmp_path)
    (tmp_path / "stage").mkdir()

    def version_of(code: str) -> str:
        (tmp_path / "stage" / "module.py").write_text(code)
        code_versions._fingerprint.cache_clear()
        return code_version("stage")

    yield version_of
    code_versions._fingerprint.cache_clear()


@pytest.mark.parametrize(
    "same", [CODE.replace("twice x", "x doubled"), "# why\n" + CODE, CODE.replace("2 * x", "2*x"), CODE + "\n\n"]
)
def test_words_and_layout_do_not_count(write, same):
    assert write(same) == write(CODE)


@pytest.mark.parametrize("other", [CODE.replace("2 * x", "3 * x"), CODE + "\nLIMIT = 1\n"])
def test_code_counts(write, other):
    assert write(other) != write(CODE)


def test_data_counts():
    assert code_version(data="SELECT 1") != code_version(data="SELECT 2")
