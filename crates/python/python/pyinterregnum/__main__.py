"""The command line: `interregnum …`, or `python -m pyinterregnum …`."""

import signal
import sys

from ._native import command_line


def main() -> int:
    """Runs the command line of this process and returns its exit code."""
    # The program handles signals itself; Python's handler would only note them.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return command_line(["interregnum", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
