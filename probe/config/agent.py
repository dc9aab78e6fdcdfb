"""The table [agent]: what the resident process listens on, how often it looks, what it tells to whom."""

from probe.config.address import address
from probe.lightweight import NamedTuple
from probe.options import declared, option

_DAY_S = 86400


_SOCKET_LIMIT = 107  # bytes; sun_path in unix(7) holds 108 with its end


class _Keys(NamedTuple):
    listen: str = option(
        "", "string", "where HTTP is served: ADDRESS:PORT, [::]:PORT for all of both families"
    )
    socket: str = option(
        "auto",
        "string",
        "the Unix socket for `probe status`; auto: the first usable path; empty: none",
    )
    interval_s: float = option(
        30.0, "number", "how long a pass counts before the next run", minimum=0.1, maximum=_DAY_S
    )
    retry_s: float = option(
        5.0, "number", "how long a failure counts before the next run", minimum=0.1, maximum=_DAY_S
    )
    stale_after_s: float = option(
        120.0,
        "number",
        "the age at which a report becomes stale; longer than interval_s",
        minimum=0.2,
        maximum=7 * _DAY_S,
    )
    success_threshold: int = option(
        1, "integer", "runs in a row that turn unhealthy into healthy", minimum=1, maximum=100
    )
    failure_threshold: int = option(
        2, "integer", "runs in a row that turn healthy into unhealthy", minimum=1, maximum=100
    )
    drain_s: float = option(
        2.0, "number", "how long requests are still answered after SIGTERM", minimum=0, maximum=3600
    )
    expose_details: bool = option(
        False, "boolean", "any client of the port may read causes, remedies and evidence"
    )
    token_file: str = option(
        "", "string", "a file whose text is the bearer token that details and /metrics then need"
    )
    tls_cert: str = option(
        "", "string", "a PEM file: the certificate that is shown, then its chain; empty for no TLS"
    )
    tls_key: str = option("", "string", "a PEM file with the key of tls_cert, without a password")
    termination_log: str = option(
        "/dev/termination-log", "string", "a file that gets the reason while the start fails, if it exists"
    )


class Agent(_Keys):
    """The settings of `probe serve`; the fields are the keys."""

    __slots__ = ()
    name = "agent"
    options = declared(_Keys)

    def problem(self) -> str:
        """What is wrong with the settings together, "" when nothing is."""
        if self.listen:
            try:
                address(self.listen)
            except ValueError as problem:
                return f"agent.listen: {problem}"
        named = self.socket not in ("", "auto")
        if named and (not self.socket.startswith("/") or len(self.socket.encode()) > _SOCKET_LIMIT):
            return (
                f"agent.socket: must be an absolute path of at most {_SOCKET_LIMIT} bytes, or empty for none"
            )
        if bool(self.tls_cert) != bool(self.tls_key):
            there, wanting = ("tls_cert", "tls_key") if self.tls_cert else ("tls_key", "tls_cert")
            return f"agent.{there}: needs agent.{wanting} beside it, another PEM file or the same"
        if self.stale_after_s <= self.interval_s:
            return (
                f"agent.stale_after_s: {self.stale_after_s:g} is not more than interval_s "
                f"({self.interval_s:g}), so every report would be stale before the next; "
                f"write {4 * self.interval_s:g}"
            )
        return ""
