"""What the process that others are forked from imports first: prometheus_client asks when it is imported whether counters are kept in
files. Servers then keep theirs where their supervisor says, and whoever has none keeps them here, where nobody looks.
"""

import os
from tempfile import mkdtemp

os.environ["PROMETHEUS_MULTIPROC_DIR"] = mkdtemp(prefix="counters-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))
