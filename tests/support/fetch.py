"""
Fetch ahead what the suite takes from the network: Debian base images and Go toolchains.

python -m tests.support.fetch

Afterwards .cache has them. A test that does not find them there fetches them by itself.
"""

from concurrent.futures import ThreadPoolExecutor

from tests.containers import bases, products
from tests.containers.engine import CACHE
from tests.remedies.bases import PACKAGES
from tests.support import toolchains


def main() -> None:
    """Both at once: toolchains are mostly waited for, base images mostly unpacked."""
    with ThreadPoolExecutor() as pool:
        for begun in [pool.submit(_toolchains), pool.submit(_bases)]:
            begun.result()


def _toolchains() -> None:
    toolchains.allowed = toolchains.VERSIONS + toolchains.MORE
    for version in toolchains.allowed:
        toolchains.install(version)


def _bases() -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    for packages in ((), bases.PYTHON, bases.STRANGER, PACKAGES):
        bases.debian(packages)
    bases.debian(products.packages(), suite=products.SUITE)


if __name__ == "__main__":
    main()
