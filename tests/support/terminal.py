"""A terminal, and a shell with job control in it."""

import fcntl
import os
import pty
import subprocess
import termios
from contextlib import suppress

from tests.entrypoint.helpers import CHECKOUT, environment
from tests.support.leftovers import wait_until


class Terminal:
    """A session of its own on a pseudo-terminal, led by *command*."""

    def __init__(self, *command: str) -> None:
        self.ours, theirs = pty.openpty()
        os.set_blocking(self.ours, False)

        def take() -> None:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment(), "PS1": "$ ", "TERM": "dumb", "HISTFILE": ""},
            cwd=CHECKOUT,
            preexec_fn=take,
        )
        os.close(theirs)
        self.seen = b""

    def type(self, keys: bytes) -> None:
        os.write(self.ours, keys)

    def sees(self, words: bytes, seconds: float = 10) -> None:
        def there() -> bool:
            with suppress(OSError):
                self.seen += os.read(self.ours, 4096)
            return words in self.seen

        wait_until(there, seconds)

    @property
    def foreground(self) -> int:
        return os.tcgetpgrp(self.ours)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.ours)
