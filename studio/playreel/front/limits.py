"""What one visitor, and all of them together, may ask for."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from playreel.front.errors import TooManyError

KEPT = 4096  # visitors remembered; the one not seen for longest is forgotten


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many at once, and then so many a second."""

    burst: float
    per_s: float


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of a share; an owner may set others.

    Attributes:
        looks: requests for pages and pictures, each visitor.
        acts: requests that do something, each visitor.
        entries: passwords tried in vain, each address.
        frames: frames played, each visitor.
        jobs: jobs queued, each visitor.
        uploads: pictures sent, each visitor.
        comments: comments written, each visitor.
        pages: offline review pages, each visitor.
        waiting_jobs: of one visitor, at one time.
        worlds: open at one time, of all visitors; the one not played for longest is put away.
        world_frames: that one visit may play in one world before it captures and begins anew.
        upload_bytes: of one picture.
        body_bytes: of one request.
        visitors: who may be in at one time.
    """

    looks: Rate = Rate(burst=240, per_s=40)
    acts: Rate = Rate(burst=60, per_s=15)
    entries: Rate = Rate(burst=20, per_s=0.2)
    frames: Rate = Rate(burst=240, per_s=16)
    jobs: Rate = Rate(burst=12, per_s=1 / 60)
    uploads: Rate = Rate(burst=20, per_s=1 / 30)
    comments: Rate = Rate(burst=30, per_s=0.2)
    pages: Rate = Rate(burst=4, per_s=1 / 30)
    waiting_jobs: int = 4
    worlds: int = 24
    world_frames: int = 1440
    upload_bytes: int = 4 << 20
    body_bytes: int = 6 << 20
    visitors: int = 100


class Meter:
    """Counts what visitors use, by token buckets.

    Args:
        limits: the bounds.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._lock = threading.Lock()
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, who: str, what: str, count: float = 1.0) -> None:
        """Uses up ``count`` of ``what``, the name of a `Rate` of `Limits`.

        Raises:
            TooManyError: there are not so many left now.
        """
        rate: Rate = getattr(self.limits, what)
        now = time.monotonic()
        with self._lock:
            level, then = self._buckets.pop((who, what), (rate.burst, now))
            level = min(rate.burst, level + (now - then) * rate.per_s)
            enough = level >= count
            self._buckets[who, what] = (level - count if enough else level, now)
            while len(self._buckets) > KEPT:
                self._buckets.popitem(last=False)
        if not enough:
            wait = (min(count, rate.burst) - level) / rate.per_s
            raise TooManyError(
                f"Too many {what} at once: {rate.burst:.0f}, then one every {1 / rate.per_s:.1f} s. "
                f"Go on in {max(1, round(wait))} s."
            )

    def give_back(self, who: str, what: str, count: float = 1.0) -> None:
        """Undoes a `take`."""
        rate: Rate = getattr(self.limits, what)
        with self._lock:
            if (who, what) in self._buckets:
                level, then = self._buckets[who, what]
                self._buckets[who, what] = (min(rate.burst, level + count), then)
