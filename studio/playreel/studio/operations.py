"""What can be queued: the facade's verbs as operations of `playreel.jobs`.

A worker imports this module; it loads torch only when something is made.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.board.planned import is_placeholder
from playreel.errors import InputError, MediaError
from playreel.jobs import Context, Operation, Parcel, Work
from playreel.media import Clip, sidecar_of
from playreel.project import ProjectFolder
from playreel.studio.directed import DIRECTED, PartsProgress, parts_of
from playreel.studio.inputs import FILE
from playreel.studio.queued import TAKE, given_of, input_path

if TYPE_CHECKING:
    from playreel.studio.facade import Studio

FPS = 12
MODEL_BYTES = 550 << 20  # of memory, with torch
STEPS_BACK = 64
_FRAME_BYTES = 12 << 10  # of a lossless small frame on disk
_FILM_FRAME_BYTES = 24 << 10


# -- doing it --------------------------------------------------------------------------------------


def _take(verb: str) -> Callable[[Context, dict[str, Any]], dict[str, Any]]:
    def run(context: Context, options: dict[str, Any]) -> dict[str, Any]:
        from playreel.core.watch import watching

        studio = _studio(context, options)
        count = 0

        def watcher(frame: Any) -> None:
            nonlocal count
            count += 1
            context.preview(count, frame)

        if verb == "still":
            context.progress(0, 1)
        with watching(watcher), contextlib.ExitStack() as at_end:
            at_end.callback(studio.close_engine)
            clip: Clip = getattr(studio, verb)(**given_of(studio.path, options))
        if verb == "still":
            context.progress(1, 1)
        return _result(studio, clip)

    return run


def _directed(verb: str) -> Callable[[Context, dict[str, Any]], dict[str, Any]]:
    """Runs a verb that makes its takes one after another."""

    def run(context: Context, options: dict[str, Any]) -> dict[str, Any]:
        from playreel.core.watch import watching

        progress = PartsProgress(context.progress, parts_of(context.project, verb, options))
        studio = _studio(context, options, progress)
        number = itertools.count(1)
        progress.begin()
        with (
            watching(lambda frame: context.preview(next(number), frame)),
            contextlib.ExitStack() as at_end,
        ):
            at_end.callback(studio.close_engine)
            made = getattr(studio, verb)(**given_of(studio.path, options))
        progress.end()
        if isinstance(made, Clip):
            return _result(studio, made)
        takes = [_result(studio, clip) for clip in made]
        return {**takes[-1], "takes": takes}

    return run


def _export(context: Context, options: dict[str, Any]) -> dict[str, Any]:
    studio = _studio(context, options)
    given = given_of(studio.path, options)
    context.progress(0, 1)
    path = studio.export(given.pop("path"), on_frame=context.progress, **given)
    context.progress(1, 1)
    return {"path": str(path), "bytes": path.stat().st_size}


def _export_series(context: Context, options: dict[str, Any]) -> dict[str, Any]:
    studio = _studio(context, options)
    given = given_of(studio.path, options)
    context.progress(0, 1)
    paths = studio.export_series(given.pop("folder"), on_frame=context.progress, **given)
    context.progress(1, 1)
    sizes = sum(path.stat().st_size for path in paths)
    return {"paths": [str(path) for path in paths], "bytes": sizes}


def _make(context: Context, options: dict[str, Any]) -> dict[str, Any]:
    studio = _studio(context, options)
    context.progress(0, 1)
    made = studio.make(**given_of(studio.path, options))
    context.progress(1, 1)
    return {"uids": [shot.uid for shot in made]}


def _studio(
    context: Context,
    options: dict[str, Any],
    on_progress: Callable[[int, int], None] | None = None,
) -> Studio:
    from playreel.studio.facade import Studio

    return Studio(
        context.project,
        weights=options["weights"],
        on_progress=on_progress or context.progress,
    )


def _result(studio: Studio, clip: Clip) -> dict[str, Any]:
    path = studio.path_of(clip)
    return {
        "take": clip.content_hash,
        "path": path.relative_to(studio.path).as_posix(),
        "num_frames": len(clip),
        "fps": str(clip.fps),
        "seed": clip.recipe.seed if clip.recipe else None,
    }


# -- reckoning it ----------------------------------------------------------------------------------


def _work(
    verb: str, units: Callable[[ProjectFolder, dict[str, Any]], int], seconds: float
) -> Callable[[Path, dict[str, Any]], Work]:
    def work(project: Path, options: dict[str, Any]) -> Work:
        if options.get("engine", "bundled") != "bundled":
            from playreel.studio.reckoning import engine_work

            return engine_work(project, verb, options)
        count = max(1, units(ProjectFolder(project), options))
        return Work(
            units=count,
            seconds_per_unit=seconds,
            memory_bytes=MODEL_BYTES + count * (1 << 18),
            disk_bytes=count * _FRAME_BYTES,
        )

    return work


def _work_of_parts(verb: str) -> Callable[[Path, dict[str, Any]], Work]:
    """All that the verbs take that a verb is made of; memory is the most that one takes."""

    def work(project: Path, options: dict[str, Any]) -> Work:
        parts = [
            OPERATIONS[part].work(project, given)
            for part, given in parts_of(project, verb, options)
        ]
        units = sum(part.units for part in parts)
        return Work(
            units=units,
            seconds_per_unit=sum(part.units * part.seconds_per_unit for part in parts) / units,
            memory_bytes=max(part.memory_bytes for part in parts),
            disk_bytes=sum(part.disk_bytes for part in parts),
        )

    return work


def _seconds(default: float, sides: int = 1) -> Callable[[ProjectFolder, dict[str, Any]], int]:
    """Frames to be made; those between two known sides are made from both."""

    def units(project: ProjectFolder, options: dict[str, Any]) -> int:
        seconds = options.get("seconds", default)
        if not isinstance(seconds, int | float) or not math.isfinite(seconds):
            return 1  # the verb itself will say so
        return round(seconds * FPS) * sides

    return units


def _frames_of_clip(project: ProjectFolder, options: dict[str, Any]) -> int:
    return project.media.find(options["clip"][TAKE]).num_frames


def _planned_frames(project: ProjectFolder, options: dict[str, Any]) -> int:
    series = project.board().series
    shots = [shot for episode in series.episodes for shot in episode.shots]
    if isinstance(options.get("episode"), str):
        shots = list(series.episode(options["episode"]).shots)
    return sum(len(shot.take) for shot in shots if is_placeholder(shot.take))


def _export_work(project: Path, options: dict[str, Any]) -> Work:
    seconds = 0.0
    for shot in ProjectFolder(project).board().shots:
        with contextlib.suppress(MediaError):  # lost, and a card in the film
            seconds += shot.take.duration_s
    frames = max(1, round(seconds * 24))
    return Work(
        units=frames,
        seconds_per_unit=0.03,
        memory_bytes=300 << 20,
        disk_bytes=frames * _FILM_FRAME_BYTES,
    )


def _take_size(project: Path, result: dict[str, Any]) -> int:
    return sum((project / take["path"]).stat().st_size for take in result.get("takes", [result]))


def _film_size(project: Path, result: dict[str, Any]) -> int:
    return int(result["bytes"])


# -- doing it elsewhere ----------------------------------------------------------------------------


def pack(project: Path, options: dict[str, Any]) -> Parcel:
    """The takes and pictures that a job starts from, and what tells their story."""
    folder = ProjectFolder(project)
    files: dict[str, bytes] = {}
    for value in _tagged(options):
        if FILE in value:
            path = input_path(project, value)
            files[path.relative_to(folder.path).as_posix()] = path.read_bytes()
        else:
            _pack_take(folder, value[TAKE], files)
    return Parcel(files=files)


def _pack_take(folder: ProjectFolder, content_hash: str, files: dict[str, bytes]) -> None:
    """A take and the line of takes that it comes from, in which its words may lie."""
    for _ in range(STEPS_BACK):
        path = folder.media.path(content_hash)
        for file in (path, sidecar_of(path)):
            if file.is_file():
                files[f"takes/{file.name}"] = file.read_bytes()
        recipe = folder.media.recipe(content_hash)
        if recipe is None or not recipe.parents:
            return
        content_hash = recipe.parents[0]
        try:
            folder.media.find(content_hash)
        except InputError:
            return  # brought in from another project: its past is not here


def unpack(project: Path, parcel: Parcel) -> None:
    """Makes the project folder of a machine that has none."""
    folder = ProjectFolder(project)
    for name, data in parcel.files.items():
        if not name.startswith("takes/"):
            path = _inside(project, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    for clip in _clips(parcel):
        folder.media.add(clip)


def collect(project: Path, result: dict[str, Any]) -> Parcel:
    """All that was made there: the take, and what was made of the pictures it started from."""
    folder = ProjectFolder(project)
    files: dict[str, bytes] = {}
    for take in folder.media:
        path = project / take.file
        for file in (path, sidecar_of(path)):
            if file.is_file():
                files[f"takes/{file.name}"] = file.read_bytes()
    return Parcel(files=files)


def accept(project: Path, result: dict[str, Any], parcel: Parcel) -> dict[str, Any]:
    """Adds what came back by its content hash, which is reckoned anew.

    Raises:
        MediaError: the take that was announced is not in the parcel.
    """
    folder = ProjectFolder(project)
    clips = {clip.content_hash: clip for clip in _clips(parcel)}
    if result.get("take") not in clips:
        raise MediaError(
            f"The machine announced take {str(result.get('take'))[:12]!r} but sent "
            f"{', '.join(name[:12] for name in clips) or 'none'}. Retry the job."
        )
    wanted = clips.pop(result["take"])
    for clip in [*clips.values(), wanted]:  # the take last: it is the newest
        folder.media.add(clip)
    path = folder.media.path(wanted.content_hash)
    return {**result, "path": path.relative_to(folder.path).as_posix()}


def _clips(parcel: Parcel) -> list[Clip]:
    with tempfile.TemporaryDirectory(prefix="playreel-parcel-") as folder:
        names = [name for name in parcel.files if name.startswith("takes/")]
        for name in names:
            (Path(folder) / Path(name).name).write_bytes(parcel.files[name])
        return [
            Clip.open(Path(folder) / Path(name).name)
            for name in names
            if not name.endswith(".json")
        ]


def _inside(project: Path, name: str) -> Path:
    path = (project / name).resolve()
    if not path.is_relative_to(project.resolve()):
        raise InputError(f"{name[:80]!r} lies outside the project. It was not written.")
    return path


def _tagged(value: Any) -> list[dict[str, Any]]:
    """Every take and file that options name, at any depth."""
    if isinstance(value, dict):
        if TAKE in value or FILE in value:
            return [value]
        value = list(value.values())
    if isinstance(value, list):
        return [tag for item in value for tag in _tagged(item)]
    return []


def _makes(verb: str, units: Any, seconds_per_unit: float) -> Operation:
    return Operation(
        run=_take(verb),
        work=_work(verb, units, seconds_per_unit),
        size_of=_take_size,
        pack=pack,
        unpack=unpack,
        collect=collect,
        accept=accept,
    )


OPERATIONS: Mapping[str, Operation] = {
    "still": _makes("still", lambda project, options: 1, 1.2),
    "shoot": _makes("shoot", _seconds(2.0), 0.08),
    "animate": _makes("animate", _seconds(2.0), 0.08),
    "extend": _makes("extend", _seconds(2.0), 0.08),
    "bridge": _makes("bridge", _seconds(1.0, sides=2), 0.08),
    "loop": _makes("loop", _seconds(1.0, sides=2), 0.08),
    "restyle": _makes("restyle", _frames_of_clip, 0.12),
    "inpaint": _makes("inpaint", _frames_of_clip, 0.12),
    **{
        verb: Operation(run=_directed(verb), work=_work_of_parts(verb), size_of=_take_size)
        for verb in DIRECTED  # they see the board and the project's recipes, which stay here
    },
    "make": Operation(run=_make, work=_work("shoot", _planned_frames, 0.08)),
    "export": Operation(run=_export, work=_export_work, size_of=_film_size),
    "export_series": Operation(run=_export_series, work=_export_work, size_of=_film_size),
}
