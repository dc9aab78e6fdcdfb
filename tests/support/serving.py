"""`probe run --serve`, ready to be told something."""

import socket


def serving() -> tuple[str, ...]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return "--serve", f"127.0.0.1:{free.getsockname()[1]}", "--set", "agent.socket="
