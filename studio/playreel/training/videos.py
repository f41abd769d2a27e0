"""A folder of anyone's unlabelled videos as training footage."""

from __future__ import annotations

import hashlib
import itertools
import math
import os
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from playreel.errors import MediaError, PlayreelWarning, StorageError, TrainingError
from playreel.media.fit import size_of
from playreel.training.own_grid import own_size
from playreel.training.shots import cut_points, lively_stretches
from playreel.training.video_files import (
    IMAGE_SUFFIXES,
    MIN_SEQUENCE,
    VIDEO_SUFFIXES,
    Fit,
    Header,
    Source,
    decode_small,
    find_sources,
    fingerprint,
    read_header,
)

SPLITS = ("train", "held-out", "all")
HELD_OUT = 0.1
STRETCH_FRAMES = 240  # what is read at one place of a file too long to be read whole
BLOCK_FRAMES = 600  # looked at together for cuts; bounds the memory that takes
SPLIT_BY_FILE_FROM = 5


@dataclass(frozen=True, kw_only=True)
class VideoFolderConfig:
    """How footage is read.

    Attributes:
        size: "16:9", "9:16", "1:1" or (height, width); None takes that of the footage, see
            `playreel.training.own_grid`.
        fps: Frames a second to aim at; None keeps every frame. Frames are skipped at a whole
            stride (30 fps gives 15, 60 gives 12), because uneven steps would look like actions.
        fit: "auto" crops while at most 15 % is lost and letterboxes beyond, "crop", "letterbox".
        memory_mb: Most memory for decoded frames; longer footage is read at evenly spread places.
        prepare_s: Most seconds of decoding; what was read by then is used.
        min_frames: Shots shorter than this are dropped.
        cache: Folder that keeps the decoded frames for the next run; None keeps nothing.
    """

    size: str | tuple[int, int] | None = None
    fps: float | None = 12
    fit: str = "auto"
    memory_mb: int = 512
    prepare_s: float = math.inf
    min_frames: int = 4
    cache: Path | None = None


class VideoFolder:
    """Reads a folder of videos once, and gives random windows of its shots.

    mp4, mov, webm, mkv, avi, gif and folders of numbered PNG or JPG pictures, of any size and rate,
    are cut at shot boundaries; blank and frozen stretches are dropped. One in ten files (or, with
    fewer than five files, the end of each) is held out. Files that cannot be read are skipped with
    a warning that names them, and listed in `skipped`.

    Args:
        path: The folder, or one file.
        size: See `VideoFolderConfig.size`.
        fps: See `VideoFolderConfig.fps`.
        say: Called with a line of progress.
        options: The other fields of `VideoFolderConfig`.

    Attributes:
        size: (height, width) of all frames.
        fps: Median frames a second after skipping, or 12 where no file says.
        skipped: (name, reason) of files that were not used.
        fingerprints: of the files that were used.

    Raises:
        TrainingError: Nothing there, or nothing in it can be used.
    """

    def __init__(
        self,
        path: str | Path,
        size: str | tuple[int, int] | None = None,
        fps: float | None = 12,
        *,
        say: Callable[[str], None] = lambda text: None,
        **options: object,
    ) -> None:
        self.config = VideoFolderConfig(size=size, fps=fps, **options)  # type: ignore[arg-type]
        self.path = Path(path)
        self.skipped: list[tuple[str, str]] = []
        self._say = say
        headers = self._headers(self._sources())
        self.size = own_size(headers) if size is None else size_of(size)
        self.fps = _usual_rate(list(headers.values()), self.config.fps)
        shots = self._read_all(headers)
        if not shots:
            raise TrainingError(
                f"Nothing in {self.path} can be learned from: {self._reasons()}. Footage needs "
                f"shots of at least {self.config.min_frames} frames in which something moves."
            )
        self._clips = _split(shots, _held_out([source.name for source in headers]))
        self.fingerprints = [fingerprint(s) for s in headers if s.name in shots]
        frames = sum(len(clip) for clip in self._clips["all"])
        say(
            f"{len(shots)} of {len(shots) + len(self.skipped)} files used: {frames} frames in "
            f"{len(self._clips['all'])} shots at {self.size[1]}x{self.size[0]}"
        )

    def clips(self, split: str = "train") -> list[np.ndarray]:
        """The shots of a split ("train", "held-out" or "all"), each uint8 (T, H, W, 3)."""
        if split not in SPLITS:
            raise TrainingError(f"Unknown split {split!r}; use one of {', '.join(SPLITS)}.")
        return self._clips[split]

    def sample_window(
        self, rng: np.random.Generator, num_frames: int, *, split: str = "train"
    ) -> np.ndarray:
        """A random stretch of one shot, every possible stretch as likely as any other.

        Args:
            rng: Source of chance.
            num_frames: T.
            split: Which shots to draw from.

        Returns:
            uint8 (T, H, W, 3), a copy.

        Raises:
            TrainingError: No shot is that long.
        """
        self.require(num_frames, split=split)
        clips = self.clips(split)
        starts = np.array([max(0, len(clip) - num_frames + 1) for clip in clips])
        pick = int(rng.integers(starts.sum()))
        ends = np.cumsum(starts)
        clip = int(np.searchsorted(ends, pick, side="right"))
        first = pick - int(ends[clip] - starts[clip])
        return clips[clip][first : first + num_frames].copy()

    def require(self, num_frames: int, *, split: str = "train") -> None:
        """Raise where no shot of a split is long enough for windows of `num_frames`.

        Raises:
            TrainingError: No shot is that long.
        """
        longest = max((len(clip) for clip in self.clips(split)), default=0)
        if longest < num_frames:
            raise TrainingError(
                f"No {split} shot in {self.path} has {num_frames} frames; the longest has "
                f"{longest}. Add longer videos."
            )

    # -- reading -------------------------------------------------------------------------

    def _sources(self) -> list[Source]:
        kinds = ", ".join(suffix[1:] for suffix in VIDEO_SUFFIXES)
        if not self.path.exists():
            raise TrainingError(
                f"There is no folder {self.path}. Give a folder of videos ({kinds})."
            )
        sources = find_sources(self.path)
        if not sources:
            pictures = ", ".join(suffix[1:] for suffix in IMAGE_SUFFIXES)
            raise TrainingError(
                f"No footage in {self.path}. Looked, in sub-folders too, for videos ({kinds}) and "
                f"for folders of at least {MIN_SEQUENCE} numbered pictures ({pictures})."
            )
        return sources

    def _headers(self, sources: list[Source]) -> dict[Source, Header]:
        headers = {}
        for source in sources:
            try:
                headers[source] = read_header(source)
            except (MediaError, OSError) as error:
                self._skip(source, str(error))
        if not headers:
            raise TrainingError(f"No footage in {self.path} can be read: {self._reasons()}.")
        return headers

    def _read_all(self, headers: dict[Source, Header]) -> dict[str, list[np.ndarray]]:
        """Shots by name of their source, within the budgets of memory and time."""
        begin = time.monotonic()
        room = self.config.memory_mb * 2**20 // (self.size[0] * self.size[1] * 3)
        ordered = _reading_order(list(headers))
        shots: dict[str, list[np.ndarray]] = {}
        for index, source in enumerate(ordered):
            if shots and time.monotonic() - begin > self.config.prepare_s:
                self._say(
                    f"{len(ordered) - index} files left unread: reading took more than "
                    f"{self.config.prepare_s:.0f} s"
                )
                break
            share = max(STRETCH_FRAMES, room // (len(ordered) - index))
            if room < self.config.min_frames:
                self._say(f"{len(ordered) - index} files left unread: memory_mb is used up")
                break
            try:
                found = self._read(source, headers[source], min(share, room))
            except (MediaError, OSError) as error:
                self._skip(source, str(error))
                continue
            if not found:
                self._skip(source, "nothing moves in it, or its shots are too short")
                continue
            shots[source.name] = found
            room -= sum(len(clip) for clip in found)
            self._say(f"read {source.name} ({index + 1} of {len(ordered)})")
        return shots

    def _read(self, source: Source, header: Header, most: int) -> list[np.ndarray]:
        key = f"{source.stamp}|{self.size}|{self.config.fps}|{self.config.fit}|{most}"
        key += f"|{self.config.min_frames}"
        cached = self._cached(key)
        if cached is not None:
            return cached
        stride = _stride(header.fps, self.config.fps)
        rate = (header.fps or 12) / stride
        expected = header.duration_s * rate
        starts = [0.0]
        if expected > most and not source.images:
            num = max(1, most // STRETCH_FRAMES)
            starts = [header.duration_s * index / num for index in range(num)]
        each = max(1, most // len(starts))
        shots: list[np.ndarray] = []
        for start_s in starts:
            walk = decode_small(
                source, self.size, stride=stride, method=self.config.fit, start_s=start_s
            )
            walk = itertools.islice(walk, each)
            while block := list(itertools.islice(walk, BLOCK_FRAMES)):
                shots += self._shots(np.stack([frame for frame, _ in block]), block[0][1])
        self._keep(key, shots)
        return shots

    def _shots(self, frames: np.ndarray, fit: Fit) -> list[np.ndarray]:
        edges = [0, *cut_points(frames), len(frames)]
        found = []
        for first, last in itertools.pairwise(edges):
            shot = frames[first:last]
            for part in lively_stretches(
                shot, min_frames=self.config.min_frames, region=fit.region
            ):
                found.append(np.ascontiguousarray(shot[part]))
        return found

    def _skip(self, source: Source, reason: str) -> None:
        self.skipped.append((source.name, reason))
        warnings.warn(f"{source.name} is skipped: {reason}", PlayreelWarning, stacklevel=4)

    def _reasons(self) -> str:
        shown = [f"{name} ({reason})" for name, reason in self.skipped[:3]]
        more = len(self.skipped) - len(shown)
        return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")

    # -- cache ---------------------------------------------------------------------------

    def _cached(self, key: str) -> list[np.ndarray] | None:
        if self.config.cache is None:
            return None
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            tensors = load_file(_cache_file(self.config.cache, key))
        except (OSError, SafetensorError):
            return None
        return [tensors[name] for name in sorted(tensors)]

    def _keep(self, key: str, shots: list[np.ndarray]) -> None:
        if self.config.cache is None or not shots:
            return
        from safetensors.numpy import save_file

        path = _cache_file(self.config.cache, key)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            save_file({f"{i:06d}": shot for i, shot in enumerate(shots)}, temporary)
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise StorageError(
                f"Cannot keep decoded footage in {path.parent} ({error}); free some space."
            ) from error


def _cache_file(folder: Path, key: str) -> Path:
    return Path(folder) / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.safetensors"


def _chance(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _stride(source_fps: float, fps: float | None) -> int:
    return 1 if not fps or not source_fps else max(1, round(source_fps / fps))


def _usual_rate(headers: list[Header], fps: float | None) -> float:
    rates = [header.fps / _stride(header.fps, fps) for header in headers if header.fps]
    return float(np.median(rates)) if rates else 12.0


def _held_out(names: list[str]) -> list[str]:
    """One file in ten, the same ones each time; none where there are few files."""
    if len(names) < SPLIT_BY_FILE_FROM:
        return []
    return sorted(names, key=_chance)[: math.ceil(HELD_OUT * len(names))]


def _reading_order(sources: list[Source]) -> list[Source]:
    """By chance, but the same each time, so that a budget cuts off no kind of footage."""
    apart = _held_out([source.name for source in sources])
    turn = {name: (index + 0.5) / HELD_OUT for index, name in enumerate(apart)}
    others = sorted((s for s in sources if s.name not in turn), key=lambda s: _chance(s.name))
    turn |= {source.name: float(index) for index, source in enumerate(others)}
    return sorted(sources, key=lambda source: turn[source.name])


def _split(shots: dict[str, list[np.ndarray]], apart: list[str]) -> dict[str, list[np.ndarray]]:
    """Without the files that are held `apart`; where none was read, the last tenth of each."""
    names = sorted(shots)
    everything = [clip for name in names for clip in shots[name]]
    held = [clip for name in names if name in apart for clip in shots[name]]
    train = [clip for name in names if name not in apart for clip in shots[name]]
    if not held or not train:
        train, held = _ends_apart(shots)
    return {"train": train, "held-out": held, "all": everything}


def _ends_apart(shots: dict[str, list[np.ndarray]]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The last tenth (at least two seconds) of every file that is long enough, and the rest."""
    train, held = [], []
    for name in sorted(shots):
        num_frames = sum(len(clip) for clip in shots[name])
        left = max(24, round(HELD_OUT * num_frames))
        if num_frames < 3 * left:
            train += shots[name]
            continue
        kept = []
        for clip in reversed(shots[name]):
            cut = max(0, len(clip) - left)
            if cut < len(clip):
                held.append(clip[cut:])
            left -= len(clip) - cut
            if cut:
                kept.append(clip[:cut])
        train += reversed(kept)
    return train, held
