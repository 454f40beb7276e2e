"""Find, read and validate a portfolio file; say every fault with its line, its key and the allowed choices."""

from functools import lru_cache
from itertools import chain, islice
from pathlib import Path

from pydantic import ValidationError

from segmentation_assets.errors import PortfolioError, choices, did_you_mean
from segmentation_assets.portfolio.document import MAX_BYTES, Document, NotYAMLError, read_document
from segmentation_assets.portfolio.schema import Portfolio
from segmentation_assets.portfolio.units import in_own_currency
from segmentation_assets.portfolio.validation.contradictions import contradictions
from segmentation_assets.portfolio.validation.declarations import declaration_faults
from segmentation_assets.portfolio.validation.expectations import schema_faults
from segmentation_assets.portfolio.validation.faults import MOST_TOLD, portfolio_error
from segmentation_assets.portfolio.validation.references import unknown_names

PACKAGED = Path(__file__).parent.parent / "portfolios"


def packaged_portfolios() -> list[str]:
    """Return the names of the portfolios that ship with the package."""
    return sorted(path.stem for path in PACKAGED.glob("*.yaml"))


def load_portfolio(name_or_path: str) -> Portfolio:
    """Read and validate a portfolio.

    Faults are told together: first those of YAML, then those of keys and types, then those of the declared input
    tables, then names that point nowhere and parts that contradict each other.

    Parameters
    ----------
    name_or_path : a packaged name such as ``insurance``, or the path of a YAML file.

    Raises
    ------
    PortfolioError
        If there is no such file, it is not YAML, or anything in it is not allowed.
    """
    if name_or_path in packaged_portfolios():
        path = PACKAGED / f"{name_or_path}.yaml"
        return _understood(_read(path, path.name), path.name, PACKAGED)
    path = _find(name_or_path)
    return _understood(_read(path, str(path)), str(path), path.parent)


def _find(name_or_path: str) -> Path:
    """Return the path of a file; PortfolioError, with what lies beside it under a similar name, if there is none."""
    path = Path(name_or_path)
    try:
        is_file, is_folder = path.is_file(), path.is_dir()
    except OSError:  # a name that is longer than names may be
        is_file = is_folder = False
    if is_file:
        return path
    if is_folder:
        beside = sorted(str(p) for p in path.glob("*.y*ml"))
        found = f" It holds {choices(beside)}." if beside else ""
        raise PortfolioError(f"The portfolio {name_or_path!r} is a folder; give the path of a YAML file.{found}")
    beside = sorted(str(p) for p in path.parent.glob("*.y*ml"))
    hint = did_you_mean(name_or_path, [*packaged_portfolios(), *beside])
    raise PortfolioError(
        f"There is no portfolio {name_or_path!r}. Give one of {choices(packaged_portfolios())}, "
        f"or the path of a YAML file.{hint}"
    )


def _read(path: Path, file: str) -> bytes:
    try:
        with path.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise PortfolioError(f"{file} cannot be read: {error.strerror}. Change its permissions.") from None
    if len(data) > MAX_BYTES:
        raise PortfolioError(f"{file} is longer than the {MAX_BYTES:,} bytes that a portfolio may have. Shorten it.")
    return data


@lru_cache(maxsize=8)
def _understood(data: bytes, file: str, folder: Path) -> Portfolio:
    """Return the portfolio that a file's bytes say; asked for again in one process, it is not worked out again."""
    return in_own_currency(_validated(_parse(data, file), file)).lying_in(folder)


def _parse(data: bytes, file: str) -> Document:
    """Return the values of a file; PortfolioError unless it is YAML that holds keys, each once."""
    try:
        document = read_document(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        raise PortfolioError(f"{file}:{line}: is not UTF-8 text (byte 0x{byte:02x}). Save it as UTF-8.") from None
    except NotYAMLError as error:
        raise PortfolioError(f"{file}:{error.line}: {error}") from None
    if document.faults:
        raise portfolio_error(file, document.lines, document.faults)
    if not isinstance(document.content, dict):
        found = "is empty" if document.content is None else "holds a list or a single value at its top"
        raise PortfolioError(f"{file}:1: {found}; it must hold keys such as name, sources, features and lenses.")
    return document


def _validated(document: Document, file: str) -> Portfolio:
    try:
        portfolio = Portfolio.model_validate(document.content)
    except ValidationError as error:
        found = error.errors(include_url=False)[: MOST_TOLD + 1]
        raise portfolio_error(file, document.lines, schema_faults(found, document)) from None
    if faults := list(islice(declaration_faults(portfolio), MOST_TOLD + 1)):
        raise portfolio_error(file, document.lines, faults)
    if faults := list(islice(chain(unknown_names(portfolio), contradictions(portfolio)), MOST_TOLD + 1)):
        raise portfolio_error(file, document.lines, faults)
    return portfolio
