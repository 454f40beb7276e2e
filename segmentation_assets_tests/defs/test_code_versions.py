"""A version changes with what the code says, and not with how it is laid out."""

import shutil
from dataclasses import replace

import pytest

from segmentation_assets.defs import code_versions
from segmentation_assets.defs.code_versions import code_version
from segmentation_assets.defs.marts import mart_version
from segmentation_assets.tables.schema import string, table
from segmentation_assets.warehouse import Query

CODE = 'def double(x):\n    """Return twice x."""\n    return 2 * x\n'


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setattr(code_versions, "PACKAGE", tmp_path)
    (tmp_path / "stage").mkdir()

    def version_of(code: str, module: str = "stage", **others: str) -> str:
        for name, text in {"module": code, **others}.items():
            (tmp_path / "stage" / f"{name}.py").write_text(text)
        forget()
        return code_version(module)

    yield version_of
    forget()


def forget():
    for cached in (code_versions._parts, code_versions._imports, code_versions._said):
        cached.cache_clear()


@pytest.mark.parametrize(
    "same", [CODE.replace("twice x", "x doubled"), "# why\n" + CODE, CODE.replace("2 * x", "2*x"), CODE + "\n\n"]
)
def test_words_and_layout_do_not_count(write, same):
    assert write(same) == write(CODE)


@pytest.mark.parametrize("other", [CODE.replace("2 * x", "3 * x"), CODE + "\nLIMIT = 1\n"])
def test_code_counts(write, other):
    assert write(other) != write(CODE)


def test_what_a_module_imports_counts_and_what_it_does_not_import_does_not(write, tmp_path):
    imports = f"from {tmp_path.name}.stage import double\n"
    front = "from .kernels import double\nfrom .other import triple\n"
    given = {"kernels": CODE, "other": "triple = 3\n", "__init__": front}
    before = write(imports, "stage.module", **given)
    assert write(imports, "stage.module", **{**given, "other": "triple = 4\n"}) == before
    assert write(imports, "stage.module", **{**given, "kernels": CODE.replace("2 * x", "3 * x")}) != before


def test_one_function_of_a_module_can_be_meant(write):
    before = write(CODE, "stage.module:double")
    assert write(f"{CODE}\nLIMIT = 1\n", "stage.module:double") == before
    assert write(CODE.replace("2 * x", "3 * x"), "stage.module:double") != before
    with pytest.raises(KeyError, match="defines no 'treble'"):
        code_version("stage.module:treble")


def test_data_counts():
    assert code_version(data="SELECT 1") != code_version(data="SELECT 2")


def test_what_is_kept_of_a_file_serves_until_its_text_changes(write, tmp_path, monkeypatch):
    first = write(CODE)
    assert list(tmp_path.rglob("*.json"))
    with monkeypatch.context() as patched:
        patched.setattr(code_versions.ast, "parse", None)  # nothing may be parsed
        forget()
        assert code_version("stage") == first
    assert write(CODE.replace("2 * x", "3 * x")) != first
    for kept in tmp_path.rglob("*.json"):
        kept.write_text("{")  # a disk that was full
    forget()
    assert code_version("stage") == write(CODE.replace("2 * x", "3 * x"))


def test_a_package_that_cannot_be_written_to_has_its_version_all_the_same(write, tmp_path):
    version = write(CODE)
    shutil.rmtree(tmp_path / "stage" / "__pycache__")
    (tmp_path / "stage" / "__pycache__").write_text("in the way")
    forget()
    assert code_version("stage") == version


def test_a_view_is_made_again_when_its_text_its_words_or_its_labels_change():
    view = table("seen", "marts", "Who came.", string("visit_id", "Key."), key=("visit_id",), is_view=True)
    query = Query("SELECT snapshot_date, visit_id FROM visits")
    changed = [
        (view, Query(query.sql + " WHERE TRUE")),
        (replace(view, description="Who came, by day."), query),
        (replace(view, columns=(view.columns[0], replace(view.columns[1], description="Key of it."))), query),
        (replace(view, stage="core"), query),
    ]
    versions = [mart_version(*made) for made in [(view, query), *changed]]
    assert len(set(versions)) == 5
    assert mart_version(replace(view), Query(query.sql, origin="elsewhere")) == versions[0]
