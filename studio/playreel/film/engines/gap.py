"""Gap: frames to be made beside or between known ones, cut into runs that a model can make."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from playreel.film.engines.colour import Correction, corrected, correction
from playreel.film.engines.request import Frames, Known, Request, whole

if TYPE_CHECKING:
    from playreel.film.engines.driver import Driver
    from playreel.film.engines.steps import Meter

Made = Callable[[Request], Iterable[Frames]]
Hold = Callable[[Frames], Iterable[Frames]]


@dataclass(frozen=True, kw_only=True)
class Gap:
    """What is to be made.

    Attributes:
        model: a request that names all but what differs from run to run.
        segments: (number of frames, what is said of them), in the order of time.
        left: frames that lead up to it, or None.
        right: frames that follow it, or None.
        match_colour: bring what is made to the colours of what it goes on from.
    """

    model: Request
    segments: tuple[tuple[int, str], ...]
    left: Frames | None = None
    right: Frames | None = None
    match_colour: bool = True


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: ``num_frames`` new ones between ``left`` and ``right`` given ones.

    Attributes:
        num_made: how many come out on the family's grid, at least ``num_frames``.
    """

    prompt: str
    left: int
    num_frames: int
    num_made: int
    right: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.left + self.num_made + self.right


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What was made.

    Attributes:
        frames: the new frames.
        left: what the model made of the last of the leading frames, or None.
        right: what it made of the first of the following frames, or None.
        notes: what was snapped and why.
    """

    frames: Frames
    left: Frames | None
    right: Frames | None
    notes: tuple[str, ...] = ()


def plan(driver: Driver, gap: Gap) -> list[Run]:
    """The runs in the order in which they are made: backward where only the right is known."""
    backward = gap.left is None and gap.right is not None
    segments = gap.segments[::-1] if backward else gap.segments
    behind = 0 if gap.left is None else len(gap.left)  # frames that a run can go on from
    ahead = 0 if gap.right is None else len(gap.right)
    most = driver.grid.max_frames
    runs: list[Run] = []
    for index, (count, prompt) in enumerate(segments):
        arrives = index == len(segments) - 1 and not backward
        while count:
            left = driver.prefix(behind) if behind and not backward else 0
            right = driver.suffix(ahead) if ahead and (backward or arrives) else 0
            room = most - left - right
            if count > room and left and right:  # go on first, then arrive, about half-way each
                chunk, right = min(most - left, max(count - room, count // 2)), 0
            else:
                chunk = min(count, room)
            runs.append(_run(driver, prompt, left, chunk, right))
            count -= chunk
            if backward:
                ahead += chunk
            else:
                behind += chunk
    return runs


def _run(driver: Driver, prompt: str, left: int, count: int, right: int) -> Run:
    made = driver.grid.frames(left + count + right) - left - right
    return Run(prompt=prompt, left=left, num_frames=count, num_made=made, right=right)


class Filling:
    """A gap that is being filled, run by run.

    Args:
        driver: knows the grid.
        gap: what is to be made.
        made: makes a run's frames, a piece of time after the other.
        meter: told how many steps are to come.
        hold: keeps frames that are made long before they are wanted, and gives them back in pieces.

    Attributes:
        num_frames: new frames in all.
        notes: what was snapped and why.
        left: what the model made of the last of the leading frames, or None; known once it was made.
        right: what it made of the first of the following frames, or None; known at the end.
    """

    def __init__(
        self, driver: Driver, gap: Gap, made: Made, meter: Meter, hold: Hold = lambda made: (made,)
    ) -> None:
        self._gap, self._made, self._hold = gap, made, hold
        self._runs = plan(driver, gap)
        self._backward = gap.left is None and gap.right is not None
        self.num_frames = sum(run.num_frames for run in self._runs)
        self.notes = _notes(driver, self._runs)
        self.left: Frames | None = None
        self.right: Frames | None = None
        for run in self._runs:
            meter.expect(driver.steps_of(replace(gap.model, num_frames=run.total)))

    def whole(self) -> Filled:
        """All of it."""
        return Filled(
            frames=whole(self.pieces()),
            left=self.left,
            right=self.right,
            notes=self.notes,
        )

    def pieces(self) -> Iterator[Frames]:
        """The new frames in the order of time, no more of them held than the next run needs.

        Backward the last are made first, and held until the first are there.
        """
        if self._backward:
            runs = [self._hold(self._before(i, run)) for i, run in enumerate(self._runs)]
            while runs:
                yield from runs.pop()
            return
        left, right = self._gap.left, self._gap.right
        needed = max(run.left for run in self._runs[1:]) if len(self._runs) > 1 else 0
        for index, run in enumerate(self._runs):
            request = self._request(index, run, left, right)
            pieces = self._streamed if not run.right else self._at_once
            for new in pieces(index, run, request):
                yield new
                if needed:
                    tail = new if left is None else np.concatenate([left[-needed:], new])
                    left = tail[-needed:].copy()

    def _request(self, index: int, run: Run, left: Frames | None, right: Frames | None) -> Request:
        return replace(
            self._gap.model,
            prompt=run.prompt,
            num_frames=run.total,
            known=_known(run, left, right),
            seed=seed_of_run(self._gap.model.seed, index),
        )

    def _streamed(self, index: int, run: Run, request: Request) -> Iterator[Frames]:
        """New frames that nothing is known to follow, as they come."""
        waiting: list[Frames] = []
        colours: Correction | None = None
        seen, given = 0, 0
        for piece in self._made(request):
            if seen < run.left:  # frames that were given come first, and tell of the colours
                waiting.append(piece)
                seen += len(piece)
                if seen < run.left:
                    continue
                both = np.concatenate(waiting)
                before, piece = both[: run.left], both[run.left :]
                if self._gap.match_colour:
                    colours = correction(request.known[0].frames, before)
                    before = colours.apply(before)
                if index == 0:
                    self.left = before
            new = corrected(piece[: run.num_frames - given], colours, None)
            given += len(new)
            if len(new):
                yield new

    def _at_once(self, index: int, run: Run, request: Request) -> Iterator[Frames]:
        """New frames that arrive at known ones: what became of those decides of all their colours."""
        frames = whole(self._made(request))
        new, before, after = _split(run, frames, request, match_colour=self._gap.match_colour)
        if index == 0:
            self.left = before
        self.right = after
        yield new

    def _before(self, index: int, run: Run) -> Frames:
        """New frames that lead up to known ones."""
        request = self._request(index, run, None, self._gap.right)
        frames = whole(self._made(request))
        new, _, after = _split(run, frames, request, match_colour=self._gap.match_colour)
        if index == 0:
            self.right = after
        assert self._gap.right is not None
        needed = max(run.right for run in self._runs)
        ahead = np.concatenate([new, self._gap.right])[:needed].copy()
        self._gap = replace(self._gap, right=ahead)
        return new


def _known(run: Run, left: Frames | None, right: Frames | None) -> tuple[Known, ...]:
    known = []
    if run.left:
        assert left is not None
        known.append(Known(start=0, frames=left[-run.left :]))
    if run.right:
        assert right is not None
        # A clip that is too short is held on its first frame.
        index = np.maximum(np.arange(run.right) - max(0, run.right - len(right)), 0)
        known.append(Known(start=run.total - run.right, frames=right[index]))
    return tuple(known)


def _split(
    run: Run, frames: Frames, request: Request, *, match_colour: bool
) -> tuple[Frames, Frames | None, Frames | None]:
    """The new frames in the colours of the given ones, and what became of those."""
    stop = run.left + run.num_made
    new, before, after = frames[run.left : stop], frames[: run.left], frames[stop:]
    first: Correction | None = None
    last: Correction | None = None
    if match_colour and run.left:
        first = correction(request.known[0].frames, before)
        before = first.apply(before)
    if match_colour and run.right:
        last = correction(request.known[-1].frames, after)
        after = last.apply(after)
    new = corrected(_taken(new, run), first, last)
    return new, before if run.left else None, after if run.right else None


def _taken(new: Frames, run: Run) -> Frames:
    """As many as are wanted: the end or the start is left out, or between two sides some frames."""
    if run.num_made == run.num_frames:
        return new
    if run.left and run.right:
        index = (np.arange(run.num_frames) + 0.5) * run.num_made / run.num_frames
        return new[index.astype(int)]
    return new[-run.num_frames :] if run.right else new[: run.num_frames]


def _notes(driver: Driver, runs: list[Run]) -> tuple[str, ...]:
    made, wanted = sum(run.num_made for run in runs), sum(run.num_frames for run in runs)
    notes = []
    if len(runs) > 1:
        notes.append(
            f"made in {len(runs)} runs of at most {driver.grid.max_frames} frames, each going on "
            "from the frames before it"
        )
    if made != wanted:
        grid = f"the model makes {driver.grid.frame_step}n+1 frames at a time"
        notes.append(f"{grid}: {made} were made and {made - wanted} left out")
    return tuple(notes)


def num_runs(num_frames: int, most: int, overlap: int) -> int:
    """Runs of at most ``most`` frames that cover ``num_frames`` with ``overlap`` between them."""
    if num_frames <= most:
        return 1
    return math.ceil((num_frames - overlap) / (most - overlap))


def seed_of_run(seed: int, index: int) -> int:
    """A seed for each run of an operation; the first has the operation's own."""
    if index == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"run {seed} {index}".encode()).digest()[:4], "big")
