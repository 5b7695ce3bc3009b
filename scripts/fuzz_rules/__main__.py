"""The entry of `python scripts/fuzz_rules`."""

import sys
from pathlib import Path

# Python puts this folder first on the path; the package and what it shares with other scripts are one folder further up.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from fuzz_rules.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
