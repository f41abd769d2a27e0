"""Ranks: the processes that make one take together, one for each graphics card.

All of them are children of this process, the first too: what talks with a card that has lost its partner may
hang where no Python reaches it, and a child can be ended whatever it hangs in. The first sends frames back;
the others write nothing and keep nothing.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from playreel import errors
from playreel.core.watch import is_watched, show
from playreel.film.engines.parcel import Arrays, packed_request, receive, send
from playreel.film.engines.request import Frames, Request

if TYPE_CHECKING:
    from playreel.film.engines.steps import Meter

CARDS = "CUDA_VISIBLE_DEVICES"
MODULE = "playreel.film.engines.rank"
GRACE_S = 1.0  # in which the true cause comes, if what was heard first is but its effect
MAX_SAID = 300  # characters of what a rank said last


class Ranks:
    """Processes that share one take; started when the first request comes.

    Args:
        opening: what each is to open, as `playreel.film.engines.rank` takes it.
        num_ranks: how many.
        has_cards: whether each has a graphics card of its own; otherwise they share the processor.
    """

    def __init__(self, opening: dict[str, Any], num_ranks: int, *, has_cards: bool) -> None:
        self.num_ranks = num_ranks
        self._opening, self._has_cards = opening, has_cards
        self._group: _Group | None = None

    def made(self, request: Request, meter: Meter, *, is_denoised: bool) -> Iterator[Frames]:
        """The frames of a request, a piece of time after the other.

        Whatever goes wrong, a stop included, ends all ranks; the next request starts them anew.

        Args:
            request: the same for all.
            meter: told of the first rank's steps.
            is_denoised: whether its latents are kept, so that only the first has something to do.

        Raises:
            EngineError: a rank died or failed; says which and of what.
        """
        whole = False
        try:
            group = self._group = self._group or self._begun()
            values, arrays = packed_request(request)
            for rank in range(1 if is_denoised else self.num_ranks):
                group.tell(rank, {"make": values, "watch": is_watched()}, arrays)
            for said, given in group.heard():
                if "step" in said:
                    meter.step(said["step"])
                elif "preview" in said:
                    show(given[0])
                elif "piece" in said:
                    yield given[0]
                elif "made" in said:
                    whole = True
                    return
        finally:
            if not whole:
                self.end()

    def end(self) -> None:
        """Ends them all."""
        if self._group is not None:
            self._group.end()
            self._group = None

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the processes, in the order of ranks; none before the first request."""
        return () if self._group is None else self._group.pids

    def _begun(self) -> _Group:
        group = _Group(self._opening, self.num_ranks, has_cards=self._has_cards)
        weakref.finalize(self, group.end)
        return group


class _Group:
    """Processes that are running."""

    def __init__(self, opening: dict[str, Any], num_ranks: int, *, has_cards: bool) -> None:
        self._inbox: queue.SimpleQueue[tuple[int, dict[str, Any] | None, Arrays]]
        self._inbox = queue.SimpleQueue()
        self._folder = tempfile.TemporaryDirectory(prefix="playreel-ranks-")
        self._processes: list[subprocess.Popen[bytes]] = []
        try:
            for rank in range(num_ranks):
                self._start(rank, has_cards)
                place = {"rank": rank, "num_ranks": num_ranks, "folder": self._folder.name}
                self.tell(rank, {**opening, **place, "has_cards": has_cards})
        except BaseException:
            self.end()
            raise

    @property
    def pids(self) -> tuple[int, ...]:
        return tuple(process.pid for process in self._processes)

    def tell(self, rank: int, values: dict[str, Any], arrays: Arrays | None = None) -> None:
        """Gives a rank an order; one that has died is noticed by its silence."""
        with contextlib.suppress(OSError, ValueError):
            send(cast("BinaryIO", self._processes[rank].stdin), values, arrays)

    def heard(self) -> Iterator[tuple[dict[str, Any], Arrays]]:
        """What the first rank says.

        Raises:
            EngineError: any rank died or failed.
        """
        while True:
            rank, said, arrays = self._inbox.get()
            if said is None or "error" in said:
                raise self._cause(rank, said)
            if rank == 0:
                yield said, arrays

    def end(self) -> None:
        """Kills them: what hangs in a card's driver hears no plea."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    cast("BinaryIO", pipe).close()
        self._folder.cleanup()

    def _cause(self, rank: int, said: dict[str, Any] | None) -> BaseException:
        """Why they cannot go on: a rank's own death or error, rather than that another missed it."""
        failed = {rank: said}
        until = time.monotonic() + GRACE_S
        with contextlib.suppress(queue.Empty):
            while True:
                other, more, _ = self._inbox.get(timeout=max(0.0, until - time.monotonic()))
                if more is None or "error" in more:
                    failed.setdefault(other, more)
        for rank, said in failed.items():
            if said is None:
                return errors.EngineCrashError(self._death(rank))
        for rank, said in sorted(failed.items(), key=lambda item: not item[1]["memory"]):
            return _error(said, rank)
        raise AssertionError("something failed")

    def _start(self, rank: int, has_cards: bool) -> None:
        environment = dict(os.environ)
        if has_cards:
            environment[CARDS] = card_of(rank, environment.get(CARDS))
        with self._log(rank).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - this interpreter and our own module
                [sys.executable, "-P", "-m", MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
            )
        self._processes.append(process)
        threading.Thread(
            target=_listen, args=(rank, process.stdout, self._inbox), daemon=True
        ).start()

    def _log(self, rank: int) -> Path:
        return Path(self._folder.name) / f"{rank}.log"

    def _death(self, rank: int) -> str:
        status = self._processes[rank].wait()
        how = f"signal {-status}" if status < 0 else f"status {status}"
        if status == -9:
            how += " (often the system's answer to a lack of memory)"
        try:
            said = self._log(rank).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            said = ""
        last = f" It said last: {said[-MAX_SAID:]}" if said and status != -9 else ""
        return (
            f"Process {rank + 1} of the {len(self._processes)} that made this take together ended with "
            f"{how}; the others were ended. Nothing was saved. Try again, or without cards.{last}"
        )


def card_of(rank: int, visible: str | None) -> str:
    """The one card that a rank is to see, among those that this process sees."""
    return visible.split(",")[rank].strip() if visible else str(rank)


def _listen(rank: int, stream: BinaryIO, inbox: Any) -> None:
    with contextlib.suppress(OSError, ValueError):  # closed as the rank was ended
        while (parcel := receive(stream)) is not None:
            inbox.put((rank, *parcel))
    inbox.put((rank, None, []))


def _error(said: dict[str, Any], rank: int) -> BaseException:
    """The error that a rank met: our own as it is, memory as memory, any other as an engine's."""
    if said.get("memory"):
        return MemoryError(said["error"])
    kind = getattr(errors, str(said.get("kind")), None)
    if isinstance(kind, type) and issubclass(kind, errors.PlayreelError):
        return kind(said["error"])
    return errors.EngineError(
        f"Process {rank + 1} of those that made this take together failed: {said['error']}. Nothing was "
        "saved. Try again, or without cards."
    )
