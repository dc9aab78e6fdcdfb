"""Fixtures of image archives: one image, in every form."""

import pytest

from tests.support.images import (
    Image,
    tarred,
)
from tests.targets.image.helpers import BASE, TOP


@pytest.fixture
def image() -> Image:
    return Image(
        [tarred(BASE), tarred(TOP)],
        Env=["PATH=/usr/bin:/", "TZ=Asia/Tokyo", "TZ=Europe/Paris"],
        User="app",
        WorkingDir="/home/app",
        Entrypoint=["app"],
        Cmd=["--serve"],
    )
