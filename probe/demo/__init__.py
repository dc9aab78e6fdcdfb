"""`probe demo`: the whole story on one machine, each fault injected and diagnosed by the real command."""

import time

from probe.errors import HEALTHY, UNHEALTHY


def main() -> int:
    """Tell the story on stdout; the exit code: 0 if every diagnosis was the right one."""
    from probe.demo import scenes, story, world

    began = time.monotonic()
    with world.built() as found:
        right = story.Story(found, scenes.SCENES).tell()
    story.say(f"It took {time.monotonic() - began:.1f} s; nothing is left behind.")
    return HEALTHY if right else UNHEALTHY
