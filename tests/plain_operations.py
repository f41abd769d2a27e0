"""Operations without a model, for what a queue and a worker do whatever the work is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

from playreel.jobs import Operation, Parcel, Work
from playreel.media.atomic import write_bytes


def _work(project, options):
    return Work(
        units=options.get("units", 1), seconds_per_unit=0.05, memory_bytes=1 << 20, disk_bytes=1000
    )


def count(context, options):
    """Counts, showing a picture each time, and writes the number down at the end."""
    for index in range(options["units"]):
        context.progress(index, options["units"])
        context.preview(index, np.full((72, 128, 3), index % 256, np.uint8))
        time.sleep(options.get("pause_s", 0.02))
    context.progress(options["units"], options["units"])
    file = Path("made") / f"{options.get('name', 'count')}.txt"
    padding = b" " * options.get("padding", 0)
    write_bytes(context.project / file, f"{options['units']}\n".encode() + padding)
    return {"path": file.as_posix(), "engine_pid": os.getpid()}


def deaf(context, options):
    """Never looks whether it should stop."""
    context.progress(0, 1)
    time.sleep(options.get("seconds", 60))
    return {"path": "nothing"}


def as_told(context, options):
    """Does what the file ``trouble`` in the project says, and succeeds once that is gone."""
    trouble = context.project / "trouble"
    what = trouble.read_text() if trouble.exists() else ""
    if what == "memory":
        np.ones(2**46, np.uint8)
    if what == "crash":
        os.abort()
    if what == "disk":
        with Path("/dev/full").open("wb", buffering=0) as file:
            file.write(b"x")
    if what == "odd":
        raise KeyError("odd")
    return {"path": "well"}


def unpack(project, parcel):
    project.mkdir(parents=True)


def collect(project, result):
    return Parcel(files={result["path"]: (project / result["path"]).read_bytes()})


def accept(project, result, parcel):
    for name, data in parcel.files.items():
        write_bytes(project / name, data)
    return result


OPERATIONS = {
    "count": Operation(
        run=count,
        work=_work,
        pack=lambda project, options: Parcel(),
        unpack=unpack,
        collect=collect,
        accept=accept,
    ),
    "deaf": Operation(run=deaf, work=_work),
    "as-told": Operation(run=as_told, work=_work),
}
