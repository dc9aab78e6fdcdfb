"""What a connection offers, whatever lies below it."""

from probe.lightweight import Protocol


class Stream(Protocol):
    """A two-way stream of bytes. Every step ends at a deadline, with Failed."""

    def send(self, data: bytes) -> None: ...

    def receive(self, limit: int = 16 << 10) -> bytes:
        """Whatever comes next, at most *limit* bytes; b"" at the end."""

    def waiting(self, limit: int = 16 << 10) -> bytes:
        """What is there already; b"" when nothing is."""
