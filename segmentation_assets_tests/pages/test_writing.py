from segmentation_assets.pages.__main__ import PAGES, main


def test_writing_then_checking(tmp_path, capsys):
    for name in PAGES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    assert main(["--check"], tmp_path) == 1  # there is none yet
    assert capsys.readouterr().err.count("is not current. Refresh it: make pages") == len(PAGES)
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
    for name in PAGES:
        whole = (tmp_path / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(whole + "edited", encoding="utf-8")
        assert main(["--check"], tmp_path) == 1
        assert capsys.readouterr().err == f"{name} is not current. Refresh it: make pages\n"
        (tmp_path / name).write_text(whole, encoding="utf-8")
