"""How long to fuzz, and from which seed on."""

import pytest

_SEED = 20_261_129
_QUICK_S, _SWEPT_S = 1, 5


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fuzz-seconds",
        type=float,
        help=f"how long each fuzzer runs in each release (default: {_QUICK_S}, with --sweep {_SWEPT_S})",
    )
    parser.addoption("--fuzz-seed", type=int, default=_SEED, help="what the mutants follow from")


@pytest.fixture
def fuzz_seconds(request: pytest.FixtureRequest) -> float:
    swept = request.config.getoption("--sweep")
    return request.config.getoption("--fuzz-seconds") or (_SWEPT_S if swept else _QUICK_S)


@pytest.fixture
def fuzz_seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--fuzz-seed"))
