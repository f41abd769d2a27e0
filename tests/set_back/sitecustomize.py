"""Sets every clock that Python code can ask back by so many years, wherever it is on the path.

Only the machine's own clock is left alone, because it belongs to everybody on it.
"""

from __future__ import annotations

import datetime
import os
import time

YEARS = int(os.environ["YEARS_BACK"])
_SHIFT_S = YEARS * 365.25 * 86400
_time, _time_ns, _datetime = time.time, time.time_ns, datetime.datetime


class Earlier(_datetime):
    """A date whose today is long ago."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        """The time of day, years ago."""
        return _datetime.now(tz) - datetime.timedelta(seconds=_SHIFT_S)


time.time = lambda: _time() - _SHIFT_S
time.time_ns = lambda: _time_ns() - int(_SHIFT_S * 10**9)
datetime.datetime = Earlier
