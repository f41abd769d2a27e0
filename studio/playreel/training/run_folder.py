"""The folder of one training run: checkpoints written whole or not at all, events, pictures.

out/run.json                     what this run trains
out/train.ndjson                 one event a line
out/checkpoints/step-00001200/   state.json + <part>.safetensors
out/samples/step-00001200/       pictures
out/pretrained/                  what the run made, loadable by path
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playreel.errors import CheckpointError, StorageError, TrainingError

if TYPE_CHECKING:
    from torch import Tensor

SCHEMA_VERSION = 1
KEEP_CHECKPOINTS = 2


class RunFolder:
    """Reads and writes one run folder.

    Args:
        path: The folder; made when missing.
        task: Name of what is trained; a folder of another task is refused.

    Raises:
        TrainingError: The folder belongs to a run of another task, or a file is in the way.
        StorageError: The folder cannot be made or written.
    """

    def __init__(self, path: Path, *, task: str) -> None:
        self.path = Path(path)
        self.task = task
        make_folder(self.path / "checkpoints")
        marker = self.path / "run.json"
        if marker.exists():
            self._check_marker(marker)
        else:
            write_text_atomic(
                marker, json.dumps({"schema_version": SCHEMA_VERSION, "task": task}) + "\n"
            )

    def _check_marker(self, marker: Path) -> None:
        try:
            run = json.loads(marker.read_text(encoding="utf-8"))
            found = run["task"]
        except (ValueError, KeyError, TypeError) as error:
            raise TrainingError(
                f"{marker} is not a run description ({error}); choose another --out."
            ) from error
        if found != self.task:
            raise TrainingError(
                f"{self.path} holds a run of {found!r}, not of {self.task!r}; choose another --out."
            )

    # -- checkpoints ---------------------------------------------------------------------

    def checkpoints(self) -> list[Path]:
        """Whole checkpoints, oldest first."""
        return sorted(p for p in (self.path / "checkpoints").glob("step-*") if p.is_dir())

    def save_checkpoint(
        self, step: int, parts: Mapping[str, Mapping[str, Tensor]], state: Mapping[str, Any]
    ) -> Path:
        """Writes one checkpoint whole (temporary folder, then rename) and keeps the last two.

        Raises:
            StorageError: Disk full or not writable; earlier checkpoints are untouched.
        """
        from safetensors.torch import save_file

        root = self.path / "checkpoints"
        self._sweep()
        final = root / f"step-{step:08d}"
        temporary = root / f".tmp-{step:08d}-{os.getpid()}"
        try:
            temporary.mkdir()
            for name, tensors in parts.items():
                # Clones: safetensors refuses tensors that share memory (tied weights).
                save_file(
                    {
                        key: value.detach().cpu().clone().contiguous()
                        for key, value in tensors.items()
                    },
                    temporary / f"{name}.safetensors",
                )
            text = json.dumps({"schema_version": SCHEMA_VERSION, "parts": sorted(parts), **state})
            (temporary / "state.json").write_text(text, encoding="utf-8")
            for file in temporary.iterdir():
                _fsync(file)
            if final.exists():  # the same step saved twice: the newer one knows more time spent
                old = root / f".old-{step:08d}-{os.getpid()}"
                final.rename(old)
                temporary.rename(final)
                shutil.rmtree(old, ignore_errors=True)
            else:
                temporary.rename(final)
            _fsync(root)
        except Exception as error:
            shutil.rmtree(temporary, ignore_errors=True)
            raise StorageError(
                f"Could not write checkpoint {final} ({error}); the previous checkpoint is kept. "
                "Free some space, then go on with --resume."
            ) from error
        for old in self.checkpoints()[:-KEEP_CHECKPOINTS]:
            shutil.rmtree(old, ignore_errors=True)
        return final

    def load_checkpoint(
        self, warn: Callable[[str], None] = lambda text: None
    ) -> tuple[dict[str, dict[str, Tensor]], dict[str, Any]] | None:
        """The newest readable checkpoint as (parts, state), or None when there is none yet.

        Raises:
            CheckpointError: Checkpoints exist and none of them can be read.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        self._sweep()
        found = self.checkpoints()
        for folder in reversed(found):
            try:
                state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
                if state["schema_version"] != SCHEMA_VERSION:
                    raise ValueError(f"schema_version {state['schema_version']}")
                parts = {n: load_file(folder / f"{n}.safetensors") for n in state["parts"]}
            except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
                warn(f"checkpoint {folder.name} cannot be read ({error}); trying the one before")
                continue
            return parts, state
        if found:
            raise CheckpointError(
                f"None of the {len(found)} checkpoints in {self.path} can be read; "
                "start again with another --out."
            )
        return None

    def _sweep(self) -> None:
        """Finishes or removes what a killed run left half-written."""
        root = self.path / "checkpoints"
        for old in root.glob(".old-*"):
            final = root / f"step-{old.name.split('-')[1]}"
            if final.exists():
                shutil.rmtree(old, ignore_errors=True)
            else:  # killed between the two renames
                old.rename(final)
        for stale in root.glob(".tmp-*"):
            shutil.rmtree(stale, ignore_errors=True)

    # -- the rest ------------------------------------------------------------------------

    def log(self, event: str, **fields: Any) -> None:
        """Appends one event to train.ndjson."""
        line = json.dumps({"event": event, "time": round(time.time(), 3), **fields}, default=float)
        path = self.path / "train.ndjson"
        try:
            cut_partial_line(path)
            with path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError:
            return  # a full disk must not end a run over a log line; the checkpoint says so

    def samples(self, step: int) -> Path:
        """A fresh folder for the pictures of `step`."""
        folder = self.path / "samples" / f"step-{step:08d}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def export(self, write: Callable[[Path], None]) -> Path:
        """Calls `write` on a temporary folder and puts it in place of out/pretrained."""
        final = self.path / "pretrained"
        temporary = self.path / f".pretrained-{os.getpid()}"
        old = self.path / f".pretrained-old-{os.getpid()}"
        shutil.rmtree(temporary, ignore_errors=True)
        try:
            temporary.mkdir()
            write(temporary)
            if final.exists():
                final.rename(old)
            temporary.rename(final)
        except OSError as error:
            raise StorageError(
                f"Could not write {final} ({error}); the training itself is kept. "
                "Free some space, then run again with --resume."
            ) from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
            if final.exists():
                shutil.rmtree(old, ignore_errors=True)
        return final


def make_folder(path: Path) -> None:
    """Makes `path` and its parents.

    Raises:
        TrainingError: A file is in the way.
        StorageError: It cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise TrainingError(f"{path} runs through a file; name a folder as --out.") from error
    except OSError as error:
        raise StorageError(
            f"Cannot make the folder {path} ({error}); choose another --out."
        ) from error


def write_text_atomic(path: Path, text: str) -> None:
    """Writes `text` whole or not at all."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        _fsync(temporary)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StorageError(f"Could not write {path} ({error}).") from error


def cut_partial_line(path: Path) -> None:
    """Drops a last line that a killed process left without its end."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        end = file.seek(0, os.SEEK_END)
        if end == 0:
            return
        file.seek(end - 1)
        if file.read(1) == b"\n":
            return
        size = min(end, 1 << 16)
        file.seek(end - size)
        file.truncate(end - size + file.read(size).rfind(b"\n") + 1)


def _fsync(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:  # folders cannot be opened on Windows
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)
