"""Where the harness keeps its state on a machine: ``$CONFORMANCE_HOME``, else the platform's user data folder."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

VARIABLE = "CONFORMANCE_HOME"
APPLICATION = "dui-conformance"


def home_folder() -> Path:
    """The state folder; not created here."""
    asked = os.environ.get(VARIABLE)
    return Path(asked) if asked else user_data_path(APPLICATION, appauthor=False)
