"""`python -m carelane` is the same as `carelane`."""

import sys

# Before anything is imported that an older Python could not even read.
if sys.version_info < (3, 11):
    sys.exit("carelane: Carelane needs Python 3.11 or newer; this is Python %d.%d" % sys.version_info[:2])

from carelane.cli import main

if __name__ == "__main__":
    main()
