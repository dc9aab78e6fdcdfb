"""`probe demo`: the whole story on one machine, each fault injected and diagnosed by the real command."""

import time

from probe.errors import HEALTHY, UNHEALTHY


def main(*, colour: bool = False) -> int:
    """Tell the story on stdout; the exit code: 0 if every diagnosis was right and every fix worked."""
    from probe.demo import faults, rootfs, script

    began = time.monotonic()
    with rootfs.built() as found:
        story = script.Script(found, faults.SCENES, colour=colour)
        right = story.tell()
    story.wrap(f"It took {time.monotonic() - began:.1f} s; no files remain.", "")
    return HEALTHY if right else UNHEALTHY
