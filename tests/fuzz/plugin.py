"""How long to fuzz, and from which seed on."""

import pytest

_SEED = 20_261_129


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fuzz-seconds",
        type=float,
        default=2.0,
        help="how long each fuzzer runs in each release (default: %(default)s); longer: python -m tests.fuzz",
    )
    parser.addoption("--fuzz-seed", type=int, default=_SEED, help="what the mutants follow from")


@pytest.fixture
def fuzz_seconds(request: pytest.FixtureRequest) -> float:
    return float(request.config.getoption("--fuzz-seconds"))


@pytest.fixture
def fuzz_seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--fuzz-seed"))
