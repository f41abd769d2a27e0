"""The board as an editor's timeline: OpenTimelineIO both ways; EDL, FCPXML and xmeml out.

OTIO and xmeml need the extra ``otio``.

A cross-fade becomes a dissolve around a cut in its middle, so that the clips' lengths add up to the
film's. What editors do not know (prompt, seed, uid, the shot's plan) travels as metadata.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from playreel.board.board import Board
from playreel.board.cutlist import cut_list, editor_preset, spans_of
from playreel.board.export import film_of
from playreel.board.fcpxml import fcpxml_text, plain
from playreel.board.lost import is_lost_card, lost, with_cards
from playreel.board.planned import PlannedClip
from playreel.board.shot import PLAN_FIELDS, Shot
from playreel.board.stitch import Film
from playreel.errors import InputError, MediaError, MissingExtraError, PlayreelWarning
from playreel.media.atomic import replacing, write_bytes
from playreel.media.clip import Clip
from playreel.media.probe import existing_file

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 128
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)  # texts are stepped over
_KEY = "playreel"
_ANY_SIZE = (72, 128)  # of a film that is only counted
_TRANSITIONS = {  # as Final Cut 7 and Premiere call them
    "dissolve": "Cross Dissolve",
    "dip": "Dip to Black",
    "dip-white": "Dip to White",
    "wipe": "Wipe",
}


@dataclass(frozen=True, kw_only=True)
class Conformed:
    """What an edit from elsewhere did to a board.

    Attributes:
        kept: uids in their new order, as far as they were known.
        trimmed: uids whose takes were cut.
        removed: uids that the editor left out; their takes are kept.
        added: uids of shots made for clips that the board did not know.
    """

    kept: tuple[str, ...]
    trimmed: tuple[str, ...]
    removed: tuple[str, ...]
    added: tuple[str, ...]


def write_timeline(path: str | os.PathLike[str], board: Board) -> Path:
    """Writes the board for an editor; the suffix decides how.

    | suffix | what | for |
    |---|---|---|
    | ``.otio``, ``.otioz`` | OpenTimelineIO; the second with the media inside | Resolve, RV, and back |
    | ``.fcpxml`` | FCPXML 1.9 with transitions | Final Cut Pro, Resolve |
    | ``.xml`` | Final Cut 7's xmeml | Premiere, Resolve |
    | ``.edl`` | CMX 3600 | everything, without media |

    FCPXML and xmeml come with a folder of H.264 beside them, ``NAME media``.

    Raises:
        InputError: an empty board, or another suffix.
        MissingExtraError: OTIO or xmeml without the extra ``otio``.
        StorageError: the file cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".edl":
        # editors know no timecode at 12 frames a second
        fps = editor_preset(_ANY_SIZE).fps
        shots = with_cards(board.shots, whole=False)
        text = _edl(film_of(shots, fps=fps, size=_ANY_SIZE), shots, path.stem)
        write_bytes(path, text.encode("ascii", "replace"))
    elif suffix == ".fcpxml":
        write_bytes(path, fcpxml_text(cut_list(board, _media_folder(path)), path.stem))
    elif suffix == ".xml":
        _write_xmeml(path, board)
    elif suffix in (".otio", ".otioz"):
        _write_otio(path, board)
    else:
        raise InputError(
            f"Timelines are written as .otio, .otioz, .fcpxml, .xml or .edl, not {suffix!r}."
        )
    return path


def _media_folder(path: Path) -> Path:
    return path.with_name(f"{path.stem} media")


def _write_otio(path: Path, board: Board) -> None:
    otio = _otio()
    is_bundle = path.suffix.lower() == ".otioz"
    shots = with_cards(board.shots, whole=is_bundle)
    film = film_of(shots, size=_ANY_SIZE)
    with replacing(path) as whole:
        media = whole.parent / f".media-{whole.stem}" if is_bundle else None
        try:
            files = {} if media is None else _saved(shots, media)
            timeline = _timeline(otio, film, board, files)
            if media is not None:
                whole.unlink()  # OpenTimelineIO writes no bundle over a file
            otio.adapters.write_to_file(timeline, str(whole))
        finally:
            for file in media.iterdir() if media is not None and media.is_dir() else ():
                file.unlink()
            if media is not None and media.is_dir():
                media.rmdir()


def _write_xmeml(path: Path, board: Board) -> None:
    """By OpenTimelineIO's adapter, which wants the film's format told in its own words."""
    otio = _otio()
    if "fcp_xml" not in otio.adapters.available_adapter_names():
        raise MissingExtraError(
            "xmeml needs the extra 'otio': pip install 'playreel[otio]' (it brings otio-fcp-adapter)"
        )
    cuts = cut_list(board, _media_folder(path))
    files = {clip.shot.uid: clip.file for clip in cuts.clips if clip.file is not None}
    film = film_of([clip.shot for clip in cuts.clips], fps=cuts.fps, size=cuts.size)
    timeline = _timeline(otio, film, board, files)
    timeline.name = plain(path.stem)
    height, width = cuts.size
    picture = {"width": str(width), "height": str(height), "pixelaspectratio": "square"}
    pace = {"timebase": str(round(cuts.fps)), "ntsc": "FALSE"}
    form = {"media": {"video": {"format": {"samplecharacteristics": {**picture, "rate": pace}}}}}
    timeline.tracks.metadata["fcp_xml"] = form
    timeline.metadata["fcp_xml"] = form
    for item in timeline.video_tracks()[0]:
        if isinstance(item, otio.schema.Transition):
            item.name = _TRANSITIONS.get(item.name, item.name)
    for clip in timeline.video_tracks()[0].find_clips():
        shot = board[str(clip.metadata[_KEY]["uid"])]
        clip.name = plain(clip.name)
        del clip.metadata[_KEY]
        told = {
            "mastercomment1": shot.description,
            "mastercomment2": shot.dialogue or shot.voice_over,
            "mastercomment3": shot.notes,
            "mastercomment4": shot.uid,
        }
        clip.metadata["fcp_xml"] = {"comments": {k: plain(v) for k, v in told.items() if v}}
        clip.media_reference.metadata["fcp_xml"] = {
            "media": {"video": {"samplecharacteristics": picture}}
        }
    write_bytes(path, otio.adapters.write_to_string(timeline, "fcp_xml").encode())


def conform(board: Board, path: str | os.PathLike[str]) -> Conformed:
    """Brings the board to what an editor made of it, in one act.

    Args:
        board: what was written by `write_timeline`.
        path: ``.otio`` or ``.otioz`` that came back.

    Raises:
        InputError: no timeline, or one that is too large to be one.
        MissingExtraError: the extra ``otio`` is not installed.
    """
    otio = _otio()
    text = _document(existing_file(path))
    try:
        timeline = otio.adapters.read_from_string(text, "otio_json")
    except (otio.exceptions.OTIOError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} cannot be read as a timeline: {error}.") from None
    tracks = timeline.video_tracks() if isinstance(timeline, otio.schema.Timeline) else []
    if not tracks:
        raise InputError(f"{path} holds no video track.")
    known = {shot.uid: shot for shot in board}
    shown = with_cards(board.shots, whole=False, tell=False)
    film = film_of(shown, size=_ANY_SIZE)
    was = {uid: span for uid, span in spans_of(film)}
    held = {uid: part.indices for uid, part in zip(film.uids, film.segments, strict=True)}
    rate = float(film.fps)
    shots: list[Shot] = []
    trimmed, added, seen = [], [], set()
    for clip, span in _in_order(otio, tracks, rate):
        start = round(span.start_time.rescaled_to(rate).value)
        stop = start + max(1, round(span.duration.rescaled_to(rate).value))
        told = clip.metadata.get(_KEY)
        uid = str(told.get("uid", "")) if hasattr(told, "get") else ""
        if uid in known and uid not in seen:
            seen.add(uid)
            shot = known[uid]
            first, last = was[uid]
            if (start, stop) != (first, last) and lost(shot.take):
                _tell_untrimmed(shot)
            elif (start, stop) != (first, last):
                # the dissolves that the take lost at its ends it still needs
                whole = len(held[uid])
                low, high = max(0, start - first), min(whole, whole + stop - last)
                if 0 <= low < high and (low, high) != (0, whole):
                    shot = _with_take(shot, _stretch(shot.take, held[uid], low, high))
                    trimmed.append(uid)
            shots.append(shot)
        else:
            seconds = min(600.0, max(0.1, span.duration.to_seconds()))
            again = known.get(uid)
            take = None
            if again is not None and not lost(again.take):
                take = _stretch(again.take, held[uid], start, stop)
            size = with_cards(board.shots[:1], tell=False)[0].take.size
            new = Shot(
                take=take or PlannedClip("?", seconds, size),
                description=(clip.name or "")[:200],
                notes=" ".join(["from the editor", *_urls(otio, clip)])[:1000],
            )
            added.append(new.uid)
            shots.append(new)
    removed = tuple(uid for uid in known if uid not in seen)
    board.replace_all(shots, f"conformed to {Path(path).name}")
    kept = tuple(shot.uid for shot in shots if shot.uid in known)
    return Conformed(kept=kept, trimmed=tuple(trimmed), removed=removed, added=tuple(added))


def _in_order(otio: Any, tracks: Sequence[Any], rate: float) -> list[tuple[Any, Any]]:
    """Clips of all video tracks by the time they begin at, and what each shows of its take."""
    found: list[tuple[float, Any, Any]] = []
    nothing = otio.opentime.TimeRange(duration=otio.opentime.RationalTime(0, rate))
    for track in tracks:
        at = 0.0
        for clip in track.find_clips():
            span = nothing
            with contextlib.suppress(otio.exceptions.OTIOError):  # a clip that tells no length
                span = clip.trimmed_range()
                at = clip.transformed_time(span.start_time, track).to_seconds()
            if math.isfinite(at + span.start_time.to_seconds() + span.duration.to_seconds()):
                found.append((at, clip, span))
    found.sort(key=lambda item: item[0])
    return [(clip, span) for _, clip, span in found]


def _urls(otio: Any, clip: Any) -> list[str]:
    """Where the media of a foreign clip lies: told to the user, never opened."""
    media = clip.media_reference
    return [media.target_url] if isinstance(media, otio.schema.ExternalReference) else []


def _tell_untrimmed(shot: Shot) -> None:
    warnings.warn(
        f"Shot {shot.number} ({shot.uid}) was trimmed, but its take is missing: it is kept as it was.",
        PlayreelWarning,
        stacklevel=3,
    )


def _stretch(take: Clip, indices: np.ndarray, start: int, stop: int) -> Clip | None:
    """The frames of a take that the film's frames from ``start`` to ``stop`` show."""
    shown = indices[max(0, start) : stop]
    if not len(shown):
        return None
    following = int(indices[stop]) if stop < len(indices) else len(take)  # faster takes skip frames
    return take[int(shown[0]) : max(int(shown[-1]) + 1, following)]


def _with_take(shot: Shot, take: Clip) -> Shot:
    from dataclasses import replace

    earlier = dict.fromkeys((*shot.versions, shot.take.content_hash))
    return replace(shot, take=take, versions=tuple(earlier)).selected()


def _timeline(otio: Any, film: Film, board: Board, files: dict[str, Path]) -> Any:
    rate = float(film.fps)
    time = otio.opentime.RationalTime
    track = otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)
    known = {shot.uid: shot for shot in board.shots}
    for segment, (uid, (first, last)) in zip(film.segments, spans_of(film), strict=True):
        shot = known[uid]
        if segment.fade:
            track.append(
                otio.schema.Transition(
                    name=shot.joint,
                    transition_type=otio.schema.TransitionTypes.SMPTE_Dissolve
                    if shot.joint == "dissolve"
                    else otio.schema.TransitionTypes.Custom,
                    in_offset=time(segment.fade - segment.fade // 2, rate),
                    out_offset=time(segment.fade // 2, rate),
                )
            )
        whole = otio.opentime.TimeRange(time(0, rate), time(len(segment.indices), rate))
        file = files.get(uid) or _take_file(board, shot)
        reference = otio.schema.MissingReference(available_range=whole)
        if file is not None:
            reference = otio.schema.ExternalReference(file.resolve().as_uri(), whole)
        track.append(
            otio.schema.Clip(
                name=f"{shot.number:03d} {shot.description[:40]}".strip(),
                media_reference=reference,
                source_range=otio.opentime.TimeRange(time(first, rate), time(last - first, rate)),
                metadata={_KEY: _metadata(shot)},
            )
        )
    timeline = otio.schema.Timeline(name="Playreel")
    timeline.tracks.append(track)
    return timeline


def _metadata(shot: Shot) -> dict[str, Any]:
    plan = {name: getattr(shot, name) for name in PLAN_FIELDS if getattr(shot, name)}
    plan = {name: list(v) if isinstance(v, tuple) else v for name, v in plan.items()}
    recipe = None
    with contextlib.suppress(MediaError):  # gone with its take
        recipe = shot.take.recipe
    made = {} if recipe is None else {"recipe": recipe.to_json()}
    return {"uid": shot.uid, "take": shot.take.content_hash, **plan, **made}


def _take_file(board: Board, shot: Shot) -> Path | None:
    if board.folder is None:
        return None
    for suffix in (".mkv", ".png"):
        path = board.folder / "takes" / f"{shot.take.content_hash[:32]}{suffix}"
        if path.is_file():
            return path
    return None


def _saved(shots: Sequence[Shot], folder: Path) -> dict[str, Path]:
    folder.mkdir()
    return {
        shot.uid: shot.take.save(folder / f"{shot.number:03d}-{shot.take.content_hash[:8]}.mp4")
        for shot in shots
    }


def _edl(film: Film, shots: Sequence[Shot], title: str) -> str:
    """CMX 3600: one video track, dissolves, comments with what the format has no place for."""
    base = round(film.fps)
    lines = [f"TITLE: {title[:60]}", "FCM: NON-DROP FRAME", ""]
    known = {shot.uid: shot for shot in shots}
    hour = base * 3600  # editors begin at one hour
    reel = ""
    for index, (segment, uid) in enumerate(zip(film.segments, film.uids, strict=True)):
        shot, before = known[uid], reel
        following = film.segments[index + 1].fade if index + 1 < len(film.segments) else 0
        reel, last = f"S{shot.number:03d}".ljust(8), len(segment.indices) - following
        number, at = f"{index + 1:03d}", _timecode(hour + segment.start, base)
        if segment.fade:  # two lines: what is left, for no time, and what comes over so many frames
            end = _timecode(len(film.segments[index - 1].indices) - segment.fade, base)
            lines.append(f"{number}  {before} V     C        {end} {end} {at} {at}")
        kind = f"D    {segment.fade:03d}" if segment.fade else "C       "
        into = _timecode(hour + segment.start + last, base)
        source = f"{_timecode(0, base)} {_timecode(last, base)}"
        lines.append(f"{number}  {reel} V     {kind} {source} {at} {into}")
        name = shot.take.content_hash
        if is_lost_card(shot.take) and shot.take.recipe is not None:
            lines.append("* THE TAKE IS MISSING")
            name = str(shot.take.recipe.options["lost"])
        lines.append(f"* FROM CLIP NAME: {name[:12]}")
        for word, text in (("UID", uid), ("TRANSITION", shot.joint), ("NOTE", shot.description)):
            if text:
                lines.append(f"* {word}: {' '.join(text.split())[:60]}")
    return "\r\n".join(lines) + "\r\n"


def _timecode(frame: int, base: int) -> str:
    seconds, frames = divmod(frame, base)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frames:02d}"


def _document(path: Path) -> str:
    """The JSON of a timeline, with bombs refused before they unfold."""
    if path.suffix.lower() == ".otioz":
        try:
            with zipfile.ZipFile(path) as bundle:
                info = bundle.getinfo("content.otio")
                if info.file_size > MAX_BYTES:
                    raise InputError(f"The timeline in {path} unfolds to {info.file_size} bytes.")
                with bundle.open(info) as file:
                    data = file.read(MAX_BYTES + 1)
        except (zipfile.BadZipFile, KeyError, OSError) as error:
            raise InputError(f"{path} is no .otioz bundle: {error}.") from None
    elif path.suffix.lower() == ".otio":
        data = path.read_bytes()[: MAX_BYTES + 1]
    else:
        raise InputError(f"Edits come back as .otio or .otioz, not {path.suffix!r}.")
    if len(data) > MAX_BYTES:
        raise InputError(f"{path} has more than {MAX_BYTES} bytes of timeline.")
    text = data.decode("utf-8", errors="replace")
    _refuse_depths(text, path)
    return text


def _refuse_depths(text: str, path: Path) -> None:
    """OpenTimelineIO's reader calls itself for every level: thousands of them end the process."""
    depth = 0
    for found in _NESTING.finditer(text):
        mark = found[0]
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise InputError(
                    f"{path} is nested more than {MAX_DEPTH} levels deep. It is refused."
                )
        elif mark in "]}":
            depth -= 1


def _otio() -> Any:
    try:
        import opentimelineio
    except ImportError:
        raise MissingExtraError(
            "OpenTimelineIO files need the extra 'otio': pip install 'playreel[otio]'"
        ) from None
    return opentimelineio
