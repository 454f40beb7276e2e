"""Write the generated pages, or check that they are current.

Run as ``python -m segmentation_assets.pages`` (with ``--check`` to compare only).
"""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path

from segmentation_assets.pages import portfolio, tables

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/tables.md": tables.render,
    "docs/portfolio.md": portfolio.render,
    "segmentation_assets/portfolios/portfolio.schema.json": portfolio.editors_schema,
}
"""Path in the checkout -> what makes the text."""


def main(arguments: list[str], root: Path = Path()) -> int:
    """Write or check every page below a checkout; return the exit status, 1 where one is not current."""
    parser = ArgumentParser(prog="python -m segmentation_assets.pages", description="Write the generated pages.")
    parser.add_argument("--check", action="store_true", help="compare only")
    is_check = parser.parse_args(arguments).check
    stale = [name for name, made in PAGES.items() if not _is_current(root / name, made(), is_check=is_check)]
    for name in stale:
        sys.stderr.write(f"{name} is not current. Refresh it: make pages\n")
    return 1 if stale else 0


def _is_current(path: Path, page: str, *, is_check: bool) -> bool:
    if is_check:
        return path.is_file() and path.read_text(encoding="utf-8") == page
    path.write_text(page, encoding="utf-8")
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
