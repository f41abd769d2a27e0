"""Commands that train and measure: train, eval, bench."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from playreel.cli.options import Commands, add_command, add_weights
from playreel.cli.output import Report
from playreel.errors import InputError
from playreel.training.cli import add_arguments

BENCHES = ("model", "export", "cutting", "memory")


def register(commands: Commands) -> None:
    """Adds the commands of this group."""
    train = add_command(commands, "train", _train, "teach the model, from any folder of videos")
    add_arguments(train)

    measure = add_command(commands, "eval", _eval, "measure how well the model does")
    add_weights(measure)
    measure.add_argument("--footage", type=Path, metavar="DIR", help="measure on these videos")
    measure.add_argument("--only", metavar="PART", help="tokenizer, world, film or promises")
    measure.add_argument("--quick", action="store_true", help="fewer samples")

    bench = add_command(commands, "bench", _bench, "measure how fast this machine is")
    add_weights(bench)
    bench.add_argument("--only", choices=BENCHES, help="one part; by default all")
    bench.add_argument(
        "--film-seconds", type=int, metavar="S", help="of the exported film (default 10; --quick 2)"
    )
    bench.add_argument("--quick", action="store_true", help="shorter runs")


def _train(args: argparse.Namespace) -> Report:
    from playreel.training.cli import run_train

    summary = run_train(args)
    lines = [f"{summary['goal']}: {summary['status']}", f"  {summary['out']}"]
    return Report(lines=lines, document=summary)


def _eval(args: argparse.Namespace) -> Report:
    from playreel.training.evaluation import run_eval

    return _figures(run_eval(args))


def _bench(args: argparse.Namespace) -> Report:
    from playreel.board.bench import bench_cutting, bench_exactness, bench_export, bench_memory
    from playreel.training.evaluation import run_bench
    from playreel.training.evaluation.bench import footage_takes

    seconds = (2 if args.quick else 10) if args.film_seconds is None else args.film_seconds
    if not 1 <= seconds <= 600:
        raise InputError(f"A film to measure lasts 1 to 600 s, not {seconds}.")
    rounds = 1 if args.quick else 2
    document = run_bench(args) if args.only in (None, "model") else {}
    figures = document.setdefault("export", {}) if args.only != "model" else {}
    if args.only in (None, "export"):
        count = -(-seconds // 5)
        takes = footage_takes(count, 60)
        takes[-1] = takes[-1][: 60 - 12 * (5 * count - seconds)]
        figures |= bench_export(takes, rounds=rounds)
    if args.only in (None, "cutting"):
        figures |= bench_exactness()
        figures |= bench_cutting(footage_takes(6, 24 if args.quick else 36), rounds=rounds)
    if os.name == "posix" and (args.only == "memory" or (args.only is None and not args.quick)):
        figures |= bench_memory()
    return _figures(document)


def _figures(document: dict[str, Any]) -> Report:
    return Report(lines=list(_rows("", document)), document=document)


def _rows(prefix: str, value: Any) -> list[str]:
    if isinstance(value, dict):
        return [row for key, item in value.items() for row in _rows(f"{prefix}.{key}", item)]
    shown = f"{value:.4g}" if isinstance(value, float) else str(value)
    return [f"{prefix.lstrip('.'):36s} {shown}"]
