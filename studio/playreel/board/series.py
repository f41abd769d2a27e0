"""A series: episodes, their scenes and shots, and how much of it is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from playreel.board.planned import is_placeholder
from playreel.board.shot import Shot
from playreel.errors import InputError, MediaError


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Shots of one scene that follow each other.

    Attributes:
        name: as its shots say it, ``""`` for none.
        shots: in order.
    """

    name: str
    shots: tuple[Shot, ...]


@dataclass(frozen=True, kw_only=True)
class Episode:
    """The shots of one episode.

    Attributes:
        name: as its shots say it, ``""`` for shots of no episode.
        shots: in order, wherever on the board they stand.
    """

    name: str
    shots: tuple[Shot, ...]

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """Its scenes; one that is come back to counts again."""
        runs = groupby(self.shots, key=lambda shot: shot.scene)
        return tuple(Scene(name=name, shots=tuple(run)) for name, run in runs)

    @property
    def made(self) -> int:
        """Shots that have a take."""
        return sum(not is_placeholder(shot.take) for shot in self.shots)

    @property
    def starts_s(self) -> tuple[float, ...]:
        """When each shot begins, transitions taken off."""
        starts, end = [], 0.0
        for index, shot in enumerate(self.shots):
            start = end - (shot.fade_s if index and shot.joint != "bridge" else 0.0)
            starts.append(start)
            end = start + seconds_of(shot)
        return tuple(starts)

    @property
    def seconds(self) -> float:
        """How long it is or is to be."""
        return self.starts_s[-1] + seconds_of(self.shots[-1]) if self.shots else 0.0


@dataclass(frozen=True, kw_only=True)
class Series:
    """All episodes of a board, in the order in which they come up."""

    episodes: tuple[Episode, ...]

    @property
    def num_shots(self) -> int:
        """Shots in all."""
        return sum(len(episode.shots) for episode in self.episodes)

    @property
    def made(self) -> int:
        """Shots that have a take."""
        return sum(episode.made for episode in self.episodes)

    @property
    def progress(self) -> float:
        """The one figure: the share of all shots that have a take, 0 to 1."""
        return self.made / self.num_shots if self.num_shots else 0.0

    @property
    def seconds(self) -> float:
        """All episodes together."""
        return sum(episode.seconds for episode in self.episodes)

    def episode(self, name: str) -> Episode:
        """The episode of that name; ``"3"`` finds ``"03"`` too.

        Raises:
            InputError: there is none.
        """
        for episode in self.episodes:
            if episode.name == name:
                return episode
        for episode in self.episodes:
            if number_in(name) is not None and number_in(episode.name) == number_in(name):
                return episode
        known = ", ".join(episode.name or '""' for episode in self.episodes[:12]) or "none"
        raise InputError(f"There is no episode {name[:40]!r}. The first are: {known}.")

    def missing(self) -> tuple[int, ...]:
        """Numbers left out between the first and the last numbered episode."""
        numbers = {number_in(episode.name) for episode in self.episodes} - {None}
        whole = sorted(number for number in numbers if number is not None)
        if not whole or whole[-1] - whole[0] > 10_000:
            return ()
        return tuple(n for n in range(whole[0], whole[-1]) if n not in numbers)


def seconds_of(shot: Shot) -> float:
    """How long a shot is; of one whose take is lost, as long as it was planned."""
    try:
        return shot.take.duration_s
    except MediaError:
        return float(shot.planned[1]) if shot.planned else 0.0


def series_of(shots: Iterable[Shot]) -> Series:
    """The series that shots make, by their ``episode``."""
    found: dict[str, list[Shot]] = {}
    for shot in shots:
        found.setdefault(shot.episode.strip(), []).append(shot)
    episodes = [Episode(name=name, shots=tuple(run)) for name, run in found.items()]
    return Series(episodes=tuple(episodes))


def number_in(name: str) -> int | None:
    """The number that an episode's name holds: 7 of ``"E07"`` and of ``"第7集"``."""
    found = re.search(r"\d{1,6}", name)
    return int(found[0]) if found else None


def file_names(episodes: Sequence[Episode], suffix: str) -> tuple[str, ...]:
    """A file name for each episode: ``ep-007.mp4``, or its words where it has no number.

    Names never meet, and hold nothing that a file system minds.
    """
    names: list[str] = []
    for place, episode in enumerate(episodes, start=1):
        number = number_in(episode.name)
        words = re.sub(r"[^\w-]+", "-", episode.name).strip("-")[:40]
        stem = f"ep-{number:03d}" if number is not None else f"ep-{words or f'{place:03d}'}"
        while f"{stem}{suffix}" in names:
            stem += f"-{place}"
        names.append(f"{stem}{suffix}")
    return tuple(names)
