"""
Every code that a finding can carry.

A code is a public contract: it keeps its name and its meaning for ever, and a
test produces each of them. What to do about one is told by `probe explain`.
"""

from typing import NamedTuple


class Code(NamedTuple):
    """The stable name of a finding."""

    name: str
    check: str  # the check that makes it, "*" for any
    meaning: str  # one line


# --- the run itself -------------------------------------------------------------------

CHECK_TIMED_OUT = Code("CHECK_TIMED_OUT", "*", "A check had not finished when the deadline came.")
CHECK_CRASHED = Code("CHECK_CRASHED", "*", "A check ended with an error of its own.")
CHECK_SKIPPED = Code("CHECK_SKIPPED", "*", "A check was left out because the role asks for it.")

# --- go-version -----------------------------------------------------------------------

# --- go-env ---------------------------------------------------------------------------

# --- ca-bundle: the roots -------------------------------------------------------------

# --- ca-bundle: the handshake ---------------------------------------------------------

# --- timezone -------------------------------------------------------------------------


CODES = {value.name: value for value in list(vars().values()) if isinstance(value, Code)}
