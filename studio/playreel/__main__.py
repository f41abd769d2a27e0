"""``python -m playreel`` is the command ``playreel``."""

from __future__ import annotations

import sys

from playreel.cli import main

if __name__ == "__main__":
    sys.exit(main())
