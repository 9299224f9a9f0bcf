"""`python -m carelane` is the same as `carelane`."""

import sys

# Before anything is imported that an older Python could not even read.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        f"carelane: Carelane needs Python 3.11 or newer; this is Python {sys.version_info[0]}.{sys.version_info[1]}"
    )

from carelane.cli import main

if __name__ == "__main__":
    main()
