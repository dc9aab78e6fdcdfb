"""`python -m probe`."""

import sys

# -m puts the working directory first, where a json.py of somebody else may lie. The
# package itself is found by now, wherever it is.
if not sys.flags.safe_path:
    del sys.path[0]

from probe.cli import main

main()
