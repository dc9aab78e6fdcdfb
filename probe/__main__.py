"""`python -m probe`."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as signal
else:
    import _signal as signal  # "signal" makes enums of all names

# Python's own handler would raise in the middle of an import; until `main` can answer, SIGINT ends us.
_by_default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _by_default:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

# -m puts the working directory first, where a json.py of somebody else may lie. The
# package itself is found by now, wherever it is.
if not sys.flags.safe_path:
    del sys.path[0]

from probe.cli import main  # noqa: E402

main(interrupted=_by_default)
