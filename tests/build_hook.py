"""The wheel's build hook, which is no part of a package."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

PATH = Path(__file__).resolve().parent.parent / "widgets" / "lab" / "hatch_build.py"


def load_hook() -> ModuleType:
    """The module anew."""
    spec = importlib.util.spec_from_file_location("hatch_build", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
