"""The shot board: shots in order, kept in a folder, cut into a film."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Unpack

from playreel.board.document import Entry, entry_of, shot_values, unreadable
from playreel.board.export import ExportOptions, export_film, film_of, planned_film
from playreel.board.framing import keys_since
from playreel.board.join import joined
from playreel.board.lost import is_lost_card, with_cards
from playreel.board.paper import write_paper
from playreel.board.place import BoardPlace
from playreel.board.planned import Planned, PlannedClip, is_placeholder, planned_clip, shots_from
from playreel.board.series import Series, file_names, series_of
from playreel.board.shot import PLAN_FIELDS, SHOT_SIZES, TEXTS, Shot, checked_uid, new_uid
from playreel.board.stitch import Film
from playreel.errors import InputError
from playreel.media.clip import Clip
from playreel.media.contact import SheetRow, contact_sheet


class Board:
    """Shots in the order of the film.

    With a folder, every change is saved at once: ``board.toml`` and, in ``takes/``, each take under
    its content hash, without loss. Several processes may have the board open: each change is made
    on what is on disk then, and shows in the others when they look. Without a folder the board
    lives in memory.
    """

    def __init__(
        self, folder: str | os.PathLike[str] | None = None, *, place: BoardPlace | None = None
    ) -> None:
        """Opens the board in ``folder``, or begins an empty one there.

        Args:
            folder: where it is kept.
            place: instead: what keeps it.

        Raises:
            InputError: the folder holds a board that cannot be read.
        """
        self._place_kept = place or (None if folder is None else BoardPlace(Path(folder)))
        self.folder = None if self._place_kept is None else self._place_kept.folder
        self._kept: list[Shot] = []
        self._entries: dict[str, Entry] = {}
        self._stamp: tuple[object, ...] | None = None
        self._refresh()

    @property
    def _shots(self) -> list[Shot]:
        self._refresh()
        return self._kept

    def __len__(self) -> int:
        return len(self._shots)

    def __iter__(self) -> Iterator[Shot]:
        return iter(self.shots)

    def __getitem__(self, key: str | int | Shot) -> Shot:
        return self._shots[self._index(key)]

    @property
    def shots(self) -> tuple[Shot, ...]:
        """The shots in order, numbered from 1."""
        return tuple(self._shots)

    @property
    def series(self) -> Series:
        """The shots as episodes and scenes."""
        return series_of(self._shots)

    def list(self) -> tuple[Shot, ...]:
        """The same as `shots`."""
        return self.shots

    def add(
        self,
        take: Clip | str | os.PathLike[str],
        *,
        size: str = "",
        dialogue: str = "",
        description: str = "",
        fade_s: float = 0.0,
        at: int | None = None,
        uid: str | None = None,
        **plan: Any,
    ) -> Shot:
        """Puts a take on the board.

        Args:
            take: a clip, or the path of one.
            size: shot size, such as ``"LS"`` or ``"close-up"``.
            dialogue: what is said.
            description: what is seen.
            fade_s: seconds of transition from the shot before; 0 is a hard cut.
            at: number it gets, from 1; by default it goes last.
            uid: names it, so that what is done twice puts one shot there: if the board has a shot of that
                name, nothing happens. By default a new name.
            **plan: the other fields of a `Shot`, such as ``speaker`` or ``transition``.

        Returns:
            The shot; its ``uid`` stays the same wherever it moves.
        """
        if isinstance(take, str | os.PathLike):
            take = Clip.open(take)
        _only_plan(plan)
        named = new_uid() if uid is None else checked_uid(uid)
        shot = Shot(
            take=take,
            uid=named,
            size=size,
            dialogue=dialogue,
            description=description,
            fade_s=fade_s,
            **plan,
        ).selected()

        def change(shots: list[Shot]) -> bool:
            if any(other.uid == named for other in shots):
                return False
            shots.insert(self._place(at, len(shots) + 1), shot)
            return True

        self._edit("board.add", f"put {shot.words} on the board", change)
        return self[named]

    def remove(self, key: str | int | Shot) -> Shot:
        """Takes a shot off the board; its take stays in the folder."""
        shot = self[key]
        self._edit(
            "board.remove",
            f"took {shot.words} off the board",
            lambda shots: shots.pop(self._index(shot)),
        )
        return shot

    def move(self, key: str | int | Shot, to: int) -> Shot:
        """Gives a shot another number, from 1."""
        shot = self[key]

        def change(shots: list[Shot]) -> None:
            target = self._place(to, len(shots))
            shots.insert(target, shots.pop(self._index(shot)))

        self._edit("board.move", f"moved {shot.words} to {to}", change)
        return self[shot.uid]

    def update(self, key: str | int | Shot, **changes: Any) -> Shot:
        """Changes a shot's take or any field of its plan.

        Raises:
            InputError: a field that shots do not have, or that cannot be changed.
        """
        uid = self[key].uid
        _only_plan(changes, "take")

        def change(shots: list[Shot]) -> None:
            index = self._index(uid)
            shots[index] = _changed(shots[index], changes)

        fields = " and ".join(name.removesuffix("_s") for name in changes) or "nothing"
        self._edit("board.update", f"changed {fields} of {self[uid].words}", change)
        return self[uid]

    def edit(self, changes: Mapping[str | int, Mapping[str, Any]]) -> tuple[Shot, ...]:
        """Changes many shots in one act: all of it happens, or none.

        Args:
            changes: a shot's uid or number, and what to change as in `update`.

        Raises:
            InputError: an unknown shot or field; the board is as it was.
        """
        uids = {self[key].uid: dict(fields) for key, fields in changes.items()}
        for fields in uids.values():
            _only_plan(fields, "take")

        def change(shots: list[Shot]) -> None:
            for index, shot in enumerate(shots):
                if shot.uid in uids:
                    shots[index] = _changed(shot, uids[shot.uid])

        self._edit("board.edit", f"changed {len(uids)} shots", change)
        return tuple(self[uid] for uid in uids)

    def split(self, key: str | int | Shot, frame: int) -> tuple[Shot, Shot]:
        """Cuts a shot in two, in one act.

        The first half keeps the uid and what is said; the second gets a new uid and the rest of the
        plan. The whole take stays among the versions of both.

        Args:
            key: the shot.
            frame: of its take, the first of the second half.

        Raises:
            InputError: no such shot, or a frame that leaves nothing on one side.
        """
        shot = self[key]
        if isinstance(frame, bool) or not isinstance(frame, int) or not 0 < frame < len(shot.take):
            raise InputError(
                f"Shot {shot.number} has frames 0 to {len(shot.take) - 1}; split it at 1 to "
                f"{len(shot.take) - 1}, not {frame!r}."
            )
        first = _changed(shot, {"take": shot.take[:frame]})
        second = replace(
            _changed(shot, {"take": shot.take[frame:]}),
            uid=new_uid(),
            fade_s=0.0,
            transition="",
            framing=keys_since(shot.framing, frame),
            **dict.fromkeys(("dialogue", "translation", "speaker", "voice_over", "beat"), ""),
        )

        def change(shots: list[Shot]) -> None:
            index = self._index(shot.uid)
            shots[index : index + 1] = [first, second]

        self._edit("board.split", f"split {shot.words} at frame {frame}", change)
        return self[shot.uid], self[second.uid]

    def merge(self, first: str | int | Shot, last: str | int | Shot) -> Shot:
        """Makes one shot of shots that follow each other, in one act.

        It keeps the uid, the size and the transition of the first; what is said and noted is put
        together. Transitions inside it are drawn into its take. All takes stay among its versions.

        Args:
            first: the first of them.
            last: the last of them.

        Raises:
            InputError: no such shots, fewer than two, or takes that cannot become one.
        """
        start, stop = self._index(first), self._index(last)
        shots = self._shots[start : stop + 1]
        if len(shots) < 2:
            raise InputError(
                "Merging takes two shots or more that follow each other: give the first and the "
                f"last, not {start + 1} and {stop + 1}."
            )
        take = joined(
            [shot.take for shot in shots],
            [shot.fade_s if shot.joint != "bridge" else 0.0 for shot in shots],
            [shot.joint for shot in shots],
        )
        versions = [name for shot in shots for name in (*shot.versions, shot.take.content_hash)]
        texts = {name: _together(shots, name) for name in TEXTS if name not in _PLACES}
        names = [name for shot in shots for name in shot.references]
        merged = replace(
            shots[0],
            take=take,
            versions=tuple(dict.fromkeys(versions)),
            references=tuple(dict.fromkeys(names)),
            beat=next((shot.beat for shot in shots if shot.beat), ""),
            **texts,
        ).selected()

        def change(now: list[Shot]) -> None:
            begin = self._index(shots[0].uid)
            if [shot.uid for shot in now[begin : begin + len(shots)]] != [s.uid for s in shots]:
                raise InputError("These shots do not follow each other any more. Look again.")
            now[begin : begin + len(shots)] = [merged]

        self._edit("board.merge", f"merged {len(shots)} shots into {merged.words}", change)
        return self[merged.uid]

    def take_over(
        self, planned: Sequence[Planned], *, size: tuple[int, int] | None = None
    ) -> tuple[Shot, ...]:
        """Adds planned shots in one act; rows whose uid is known change those shots instead.

        New shots hold a placeholder until a take is selected with `update`.

        Args:
            planned: from `playreel.board.read_table` or `read_script`.
            size: (height, width) of placeholders; by default the first take's, or 72x128.

        Raises:
            InputError: rows that cannot be used, all of them named; the board is as it was.
        """
        known = {shot.uid: shot for shot in self._shots}
        if size is None:
            size = self._shots[0].take.size if known else (72, 128)
        new = shots_from(planned, known, size)

        def change(shots: list[Shot]) -> None:
            places = {shot.uid: index for index, shot in enumerate(shots)}
            for shot in new:
                if shot.uid in places:
                    shots[places[shot.uid]] = shot
                else:
                    shots.append(shot)

        self._edit("board.take_over", f"took over {len(new)} shots", change)
        return tuple(self[shot.uid] for shot in new)

    def replace_all(self, shots: Sequence[Shot], words: str = "replaced all shots") -> None:
        """Puts other shots in place of all, in one act; takes that are left out are kept.

        Args:
            shots: the new board, in order.
            words: what was done, for the history.
        """
        wanted = list(shots)

        def change(now: list[Shot]) -> None:
            now[:] = wanted

        self._edit("board.replace_all", words, change)

    def film(
        self,
        *,
        fps: Fraction | float | str | None = None,
        size: tuple[int, int] | None = None,
    ) -> Film:
        """The takes stitched, frames made when asked for; see `Film`."""
        return film_of(self.shots, fps=fps, size=size)

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        episode: str | None = None,
        preset: str | None = None,
        on_frame: Callable[[int, int], None] | None = None,
        **options: Unpack[ExportOptions],
    ) -> Path:
        """Writes the film.

        Args:
            path: ``.mp4``, ``.mov``, ``.m4v`` or ``.gif``.
            episode: name or number of one episode; by default all shots.
            preset: ``landscape-1080p``, ``vertical-1080p``, ``square`` or ``gif``; by default what
                suits the first take.
            on_frame: told (frames written, frames in all), for progress bars.
            **options: label, captions, sound and more; see `ExportOptions`.

        Raises:
            InputError: an empty board, an unknown preset or a suffix it does not write.
            MediaError: the film that was written is not what was asked for.
            StorageError: the disk is full; an older film of that name survives.
        """
        if self.folder is not None:
            options.setdefault("cache", self.folder / ".playreel" / "film")
        shots = self.shots if episode is None else self.series.episode(episode).shots
        return export_film(shots, path, preset=preset, on_frame=on_frame, **options)

    def export_series(
        self,
        folder: str | os.PathLike[str],
        *,
        episodes: Sequence[str] | None = None,
        suffix: str = ".mp4",
        preset: str | None = None,
        on_frame: Callable[[int, int], None] | None = None,
        **options: Unpack[ExportOptions],
    ) -> tuple[Path, ...]:
        """Writes a film an episode: ``ep-001.mp4``, ``ep-002.mp4``, ...

        Args:
            folder: where to.
            episodes: names or numbers; by default all.
            suffix: as in `export`.
            preset: as in `export`.
            on_frame: told (frames written, frames in all) over all episodes, as one figure.
            **options: as in `export`.

        Raises:
            InputError: as in `export`, or no such episode; said before the first film is written.
        """
        series = self.series
        chosen = series.episodes
        if episodes is not None:
            chosen = tuple(series.episode(name) for name in episodes)
        names = file_names(chosen, suffix)
        lengths = [
            len(planned_film(episode.shots, Path(name), preset))
            for episode, name in zip(chosen, names, strict=True)
        ]
        paths, before = [], 0
        for episode, name, length in zip(chosen, names, lengths, strict=True):
            told = None
            if on_frame is not None:
                told = partial(_told, on_frame, before, sum(lengths))
            path = Path(folder) / name
            paths.append(
                self.export(path, episode=episode.name, preset=preset, on_frame=told, **options)
            )
            before += length
        return tuple(paths)

    def contact_sheet(
        self,
        path: str | os.PathLike[str],
        *,
        title: str | None = None,
        episode: str | None = None,
        paper: str = "a4",
        language: str = "en",
        numbering: str = "1-1",
    ) -> Path:
        """Draws the board as a sheet.

        Args:
            path: ``.pdf`` for paper, see `playreel.board.paper`; ``.png`` for a strip a shot.
            title: on top.
            episode: only this one.
            paper: of a PDF, ``a4`` or ``letter``.
            language: of a PDF's headings and closed words, ``en`` or ``zh``.
            numbering: of a PDF, a style of `playreel.board.numbering`.

        Raises:
            InputError: an empty board, or something else than these.
            MissingExtraError: a PDF without the extra ``pdf``.
        """
        shots = self.shots if episode is None else self.series.episode(episode).shots
        if Path(path).suffix.lower() == ".pdf":
            return write_paper(
                path,
                shots,
                title=title or "",
                paper=paper,
                language=language,
                numbering=numbering,
            )
        rows = []
        for shot in with_cards(shots):
            words = [SHOT_SIZES.get(shot.size, ""), shot.description]
            words.append(f"“{shot.dialogue}”" if shot.dialogue else "")
            label = "  ·  ".join(word for word in words if word) or f"Shot {shot.number}"
            if not is_placeholder(shot.take):
                rows.append(SheetRow(label=label, clip=shot.take))
                continue
            state = "take is missing" if is_lost_card(shot.take) else "not made yet"
            note = f"{state} · {shot.take.duration_s:.1f} s"  # one card says it all
            rows.append(SheetRow(label=label, clip=shot.take[:1], note=note))
        return contact_sheet(rows, path, title=title)

    def _index(self, key: str | int | Shot) -> int:
        uid = key.uid if isinstance(key, Shot) else key
        for index, shot in enumerate(self._shots):
            if uid == shot.uid or (not isinstance(uid, bool) and uid == shot.number):
                return index
        known = ", ".join(f"{shot.number} ({shot.uid})" for shot in self._shots[:20]) or "none"
        raise InputError(f"There is no shot {uid!r} on the board. Its shots: {known}.")

    def _place(self, number: int | None, last: int) -> int:
        if number is None:
            return last - 1
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= last:
            raise InputError(f"A shot's number here is 1 to {last}, not {number!r}.")
        return number - 1

    def _edit(self, act: str, words: str, change: Callable[[list[Shot]], Any]) -> None:
        """Makes one change, on the shots as they are on disk, and saves it unless it says False."""
        place = self._place_kept
        if place is None:
            shots = list(self._kept)
            change(shots)
            self._kept = _numbered(shots)
            return
        with place.lock:
            shots = list(self._shots)
            if change(shots) is False:
                return
            for index, shot in enumerate(shots):
                known = self._entries.get(shot.uid)
                if isinstance(shot.take, PlannedClip):  # kept as its plan, not as frames
                    shots[index] = replace(shot, planned=shot.take.plan)
                    continue
                if known is None or known["take"] != shot.take.content_hash:
                    shots[index] = replace(shot, take=place.keep(shot.take))
            entries = [entry_of(shot, self._entries.get(shot.uid)) for shot in shots]
            place.write(entries, act, words)
            self._settle(_numbered(shots), entries, place.stamp())

    def _refresh(self) -> None:
        """Reads the board again if another writer has changed it."""
        place = self._place_kept
        if place is None:
            return
        stamp = place.stamp()
        if stamp == self._stamp:
            return
        entries = place.read()
        takes = {shot.take.content_hash: shot.take for shot in self._kept}
        try:
            shots = [
                Shot(
                    take=takes.get(entry["take"]) or _card(entry) or place.take(entry["take"]),
                    **shot_values(entry),
                )
                for entry in entries
            ]
        except (InputError, TypeError) as error:
            raise unreadable(place.path, error) from error
        self._settle(_numbered(shots), entries, stamp)

    def _settle(self, shots: list[Shot], entries: list[Entry], stamp: tuple[object, ...]) -> None:
        self._kept, self._stamp = shots, stamp
        self._entries = {entry["uid"]: entry for entry in entries}


_PLACES = ("scene", "episode", "framing")  # are not put together


def _together(shots: Sequence[Shot], name: str) -> str:
    """What shots say in one field, each thing once."""
    said = [getattr(shot, name).strip() for shot in shots]
    apart = " / " if name == "speaker" else "\n" if name in ("notes", "description") else " "
    return apart.join(dict.fromkeys(text for text in said if text))


def _told(on_frame: Callable[[int, int], None], before: int, total: int, done: int, _: int) -> None:
    on_frame(min(before + done, total), total)


def _card(entry: Entry) -> Clip | None:
    """The card of a shot that is planned and not made."""
    card = planned_clip(entry["planned"]) if "planned" in entry else None
    return card if card is not None and card.content_hash == entry["take"] else None


def _only_plan(given: dict[str, Any], *others: str) -> None:
    allowed = (*others, *PLAN_FIELDS)
    for name in given:
        if name not in allowed:
            raise InputError(f"Cannot set a shot's {name!r}. Use: {', '.join(allowed)}.")


def _numbered(shots: list[Shot]) -> list[Shot]:
    return [replace(shot, number=n) for n, shot in enumerate(shots, start=1)]


def _changed(shot: Shot, changes: dict[str, Any]) -> Shot:
    if "take" not in changes:
        return replace(shot, **changes)
    earlier = (*shot.versions, shot.take.content_hash)
    versions = tuple(dict.fromkeys(earlier))  # each once, oldest first
    return replace(shot, **changes, versions=versions).selected()
