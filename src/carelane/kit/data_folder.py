"""The folder that holds the embedded database, the documents and the master key: its owner's, and nobody else's."""

import os
from pathlib import Path

from carelane.kit.errors import MendableError


class DataFolderError(MendableError):
    """The data folder cannot be made, or not be used."""


def make(data_dir: Path) -> None:
    """Raises DataFolderError."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        is_usable, why = os.access(data_dir, os.R_OK | os.W_OK | os.X_OK), "Permission denied"
    except OSError as error:
        is_usable, why = False, error.strerror or type(error).__name__
    if not is_usable:
        raise DataFolderError(
            f"CARELANE_DATA_DIR: {data_dir} cannot be used ({why}); expected a folder that this user may make, or write in"
        )
