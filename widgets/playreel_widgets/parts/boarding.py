"""The shot board: its table, its order, and the film cut from it."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.board import PRESETS, read_script, read_table
from playreel.board.planned import is_placeholder
from playreel.board.shot import PLAN_FIELDS
from playreel.board.vocabulary import (
    ANGLES,
    BEATS,
    LENSES,
    MOVES,
    SIZES,
    STATUSES,
    TRANSITIONS,
)
from playreel.errors import InputError, MediaError
from playreel_widgets.asked import Asked

if TYPE_CHECKING:
    from playreel.board import Shot
    from playreel.media import Clip
    from playreel_widgets.host import Host

CLOSED = {
    "sizes": SIZES,
    "transitions": TRANSITIONS,
    "angles": ANGLES,
    "moves": MOVES,
    "lenses": LENSES,
    "statuses": STATUSES,
    "beats": BEATS,
}
CAPTIONS = ("off", "burn", "files", "both")
TABLES, SCRIPTS = (".csv",), (".fountain", ".txt", ".fdx")


def shot_entry(shot: Shot, stale: tuple[str, ...] = ()) -> dict[str, Any]:
    """A shot as a panel lists it."""
    try:
        frames, seconds = len(shot.take), round(shot.take.duration_s, 3)
        height, width = shot.take.size
    except MediaError:  # its file is gone: a card in the film
        frames, seconds, height, width = 0, 0.0, 72, 128
    return {
        "uid": shot.uid,
        "number": shot.number,
        "take": shot.take.content_hash,
        "seconds": seconds,
        "frames": frames,
        "size_px": [height, width],
        "made": not is_placeholder(shot.take),
        "versions": list(shot.versions),
        "stale": list(stale),
        **{name: getattr(shot, name) for name in PLAN_FIELDS},
        "references": list(shot.references),
    }


class Boarding:
    """Verbs: board and its acts, series, presets, export, import."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._told: list[dict[str, Any]] | None = None
        self._telling = threading.Lock()
        self.quick = {"presets": self.presets}
        self.slow = {"board-framing": self.framing}
        self.verbs = {
            "board": self.board,
            "board-add": self.add,
            "board-update": self.update,
            "board-move": self.move,
            "board-remove": self.remove,
            "board-split": self.split,
            "board-merge": self.merge,
            "board-retake": self.retake,
            "board-make": self.make,
            "board-import": self.take_over,
            "board-undo": lambda asked: self._step(self.host.studio.undo),
            "board-redo": lambda asked: self._step(self.host.studio.redo),
            "series": self.series,
            "export": self.export,
        }

    def presets(self, asked: Asked) -> dict[str, Any]:
        """What a shot and a film can be."""
        presets = [
            {
                "name": preset.name,
                "size": None if preset.size is None else list(preset.size),
                "fps": float(preset.fps),
                "suffixes": list(preset.suffixes),
            }
            for preset in PRESETS.values()
        ]
        words = {
            name: {code: list(words) for code, words in vocabulary.terms.items()}
            for name, vocabulary in CLOSED.items()
        }
        return {"presets": presets, "captions": list(CAPTIONS), **words}

    def board(self, asked: Asked) -> list[dict[str, Any]]:
        """Every shot in order."""
        return self._entries()

    def series(self, asked: Asked) -> dict[str, Any]:
        """The shots as episodes: how much is made, how long they are, what their pacing lacks."""
        from playreel.board.pacing import lint_series

        studio = self.host.studio
        series = studio.board.series
        found = [
            {"episode": f.episode, "uid": f.uid, "at_s": f.at_s, "words": f.words}
            for f in lint_series(series)
        ]
        lacks = [
            {"uid": fault.uid, "number": fault.number, "words": fault.words}
            for fault in studio.preflight()
            if fault.blocks
        ]
        return {
            "progress": series.progress,
            "episodes": [
                {
                    "name": episode.name,
                    "shots": len(episode.shots),
                    "made": episode.made,
                    "seconds": round(episode.seconds, 2),
                }
                for episode in series.episodes
            ],
            "pacing": found if any(episode.name for episode in series.episodes) else [],
            "lacks": lacks,
        }

    # -- acts ------------------------------------------------------------------------------------

    def add(self, asked: Asked) -> str:
        """A take becomes a shot."""
        clip = self.host.studio.open(asked.text("take", limit=80))
        shot = self.host.studio.board.add(clip, at=asked.maybe_whole("at"))
        self.tell()
        return shot.uid

    def update(self, asked: Asked) -> None:
        """Changes fields of a shot, or which take it shows."""
        changes = asked.mapping("changes")
        unknown = set(changes) - {*PLAN_FIELDS, "take"}
        if unknown:
            raise InputError(
                f"A shot has no {sorted(unknown)[0]!r:.40}. Use: {', '.join(PLAN_FIELDS)}."
            )
        if "take" in changes:
            changes["take"] = self.host.studio.open(str(changes["take"]))
        if isinstance(changes.get("references"), str):
            names = changes["references"].replace("，", ",").replace("、", ",").split(",")
            changes["references"] = tuple(name.strip() for name in names if name.strip())
        self.host.studio.board.update(self._uid(asked), **changes)
        self.tell()

    def move(self, asked: Asked) -> None:
        """Gives a shot another number."""
        self.host.studio.board.move(self._uid(asked), asked.whole("to"))
        self.tell()

    def remove(self, asked: Asked) -> None:
        """Takes a shot off the board; its take stays."""
        self.host.studio.board.remove(self._uid(asked))
        self.tell()

    def split(self, asked: Asked) -> list[str]:
        """Cuts a shot in two."""
        halves = self.host.studio.board.split(self._uid(asked), asked.whole("frame"))
        self.tell()
        return [shot.uid for shot in halves]

    def merge(self, asked: Asked) -> str:
        """Makes one shot of two and all between them."""
        merged = self.host.studio.board.merge(self._uid(asked), self._uid(asked, "last"))
        self.tell()
        return merged.uid

    def retake(self, asked: Asked) -> dict[str, Any]:
        """Makes one shot again, by another seed; the old take stays among its versions."""
        studio, uid, seed = self.host.studio, self._uid(asked), asked.maybe_whole("seed")
        shot = studio.board[uid]

        def again() -> Clip:
            take = studio.retake(uid, seed=seed).take
            self.tell()
            return take

        label = f"{shot.number} · {shot.description}".strip(" ·")
        return self.host.parts["making"].here("retake", label, again)

    def make(self, asked: Asked) -> dict[str, Any]:
        """Shoots what is planned and not made yet, of an episode or of one shot or of all."""
        options: dict[str, Any] = {"episode": asked.maybe_text("episode")}
        if asked.maybe_text("uid") is not None:
            options["shots"] = [self._uid(asked)]
        engine = self.host.parts["engines"].chosen(asked)
        given = {**options, "engine": engine}
        return self.host.parts["making"].submit(
            "make", **{name: value for name, value in given.items() if value is not None}
        )

    def framing(self, asked: Asked) -> str:
        """Where the eye belongs in a shot, found in its frames, as keys to be changed by hand."""
        aspect = asked.number("aspect", 9 / 16)
        return self.host.studio.frame_keys(self._uid(asked), aspect=aspect)

    def take_over(self, asked: Asked) -> int:
        """Shots from a table or a script. Buffer: the file."""
        name, data = asked.text("name", limit=200), asked.upload()
        suffix = Path(name.replace("\\", "/")).suffix.lower()
        if suffix not in (*TABLES, *SCRIPTS) or data is None:
            raise InputError(
                f"Shots are taken over from a table (.csv) or a script (.fountain, .fdx, .txt), not "
                f"from {name[:80]!r}."
            )
        with tempfile.TemporaryDirectory(prefix="playreel-import-") as folder:
            path = Path(folder) / f"shots{suffix}"
            path.write_bytes(data)
            planned = read_table(path) if suffix in TABLES else read_script(path)
        shots = self.host.studio.board.take_over(planned)
        self.tell()
        return len(shots)

    def _step(self, step: Callable[[], object]) -> None:
        step()
        self.tell()

    # -- the film --------------------------------------------------------------------------------

    def export(self, asked: Asked) -> dict[str, Any]:
        """Cuts the film, or a film an episode, in the folder `films` of the project."""
        name = asked.text("name", "film.mp4", limit=120).strip()
        if not name or name.startswith(".") or any(sign in name for sign in '/\\:*?"<>|\0'):
            raise InputError(f"A film's name is a plain file name such as film.mp4, not {name!r}.")
        captions = asked.text("captions", "off", limit=10)
        if captions not in CAPTIONS:
            raise InputError(f"Captions are one of {', '.join(CAPTIONS)}, not {captions!r}.")
        folder = self.host.studio.path.resolve() / "films"
        folder.mkdir(exist_ok=True)
        options: dict[str, Any] = {"preset": asked.maybe_text("preset")}
        options |= {"captions": captions} if captions != "off" else {}
        options |= {word: True for word in ("animatic", "reframe") if asked.flag(word)}
        if options.get("animatic"):
            options["language"] = "zh" if asked.text("language", "en", limit=8) == "zh" else "en"
        making = self.host.parts["making"]
        if asked.flag("series"):
            return making.submit("export_series", folder, **options)
        return making.submit(
            "export", folder / name, episode=asked.maybe_text("episode"), **options
        )

    # -- telling ---------------------------------------------------------------------------------

    def tell(self) -> None:
        """Tells every panel what the board is now, where it is another than was told."""
        entries = self._entries()
        with self._telling:
            if entries != self._told:
                self._told = entries
                self.host.tell("board", entries)

    def _entries(self) -> list[dict[str, Any]]:
        stale = self.host.studio.stale()
        return [shot_entry(shot, stale.get(shot.uid, ())) for shot in self.host.studio.board.shots]

    def _uid(self, asked: Asked, name: str = "uid") -> str:
        return asked.text(name, limit=80)
