"""The command that tells of engines: what there is and what each can do."""

from __future__ import annotations

import argparse
from typing import Any

from playreel.cli.options import Commands, add_command
from playreel.cli.output import Report
from playreel.errors import InputError

_MARKS = {"native": "yes", "emulated": "emulated", "refused": "-"}


def register(commands: Commands) -> None:
    """Adds the command of this group."""
    engines = add_command(
        commands, "engines", _engines, "tell what makes films, and keep the models for it"
    )
    engines.add_argument("name", nargs="?", help="one engine or model: how it does what")
    engines.add_argument("--models", action="store_true", help="list the models on this machine")
    engines.add_argument("--fetch", action="store_true", help="fetch the model; tells its licence")
    engines.add_argument("--accept-licence", action="store_true", help="with --fetch: go ahead")
    engines.add_argument("--delete", action="store_true", help="delete the model's files")


def _engines(args: argparse.Namespace) -> Report:
    from playreel.studio import engines

    if args.models:
        return _models(engines.models_here())
    if args.fetch or args.delete:
        if args.name is None:
            raise InputError("Name a model: playreel engines NAME --fetch.")
        if args.delete:
            gone = engines.delete(args.name)
            freed = f"{gone['freed_bytes'] / 1e9:.1f} GB"
            return Report(lines=[f"{gone['model']} deleted, {freed} freed"], document=gone)
        got = engines.fetch(args.name, accept_licence=args.accept_licence)
        size = f"{got['bytes'] / 1e9:.1f} GB"
        return Report(lines=[f"{got['model']}  {size}", f"  {got['path']}"], document=got)
    table = engines.table_of_engines()
    if args.name is None:
        return Report(lines=_table(table), document={"engines": table})
    name = engines.engine_of(args.name)
    return _one(next(engine for engine in table if engine["name"] == name))


def _models(models: list[dict[str, Any]]) -> Report:
    lines = []
    for model in models:
        lines.append(f"{model['model']}  {model['bytes'] / 1e9:.1f} GB  {model['path']}")
        lines += [f"  not whole: {fault}" for fault in model["faults"]]
    return Report(lines=lines or ["no model is on this machine"], document={"models": models})


def _table(table: list[dict[str, Any]]) -> list[str]:
    operations = list(table[0]["operations"])
    wide = max(len(name) for name in operations)
    names = [engine["name"] for engine in table]
    columns = [max(len(name), len("emulated")) for name in names]
    lines = ["  ".join([" " * wide, *(n.ljust(c) for n, c in zip(names, columns, strict=True))])]
    for operation in operations:
        marks = (_MARKS[engine["operations"][operation]["level"]] for engine in table)
        cells = (mark.ljust(column) for mark, column in zip(marks, columns, strict=True))
        lines.append("  ".join([operation.ljust(wide), *cells]).rstrip())
    return [line.rstrip() for line in lines]


def _one(engine: dict[str, Any]) -> Report:
    from playreel.studio.engines import layout_of

    lines = [f"{engine['name']}  {engine['title']}"]
    if engine["extra"]:
        lines.append(f"  pip install 'playreel[{engine['extra']}]'")
    lines.append(
        f"  {engine['fps']} frames a second, {engine['frames']}, multiples of "
        f"{engine['multiple']} pixels"
    )
    for operation, ability in engine["operations"].items():
        lines.append(f"  {operation:16} {ability['level']:9} {ability['how']}")
    if engine["cache"]:
        lines.append(f"  {'--cache':16} {engine['cache']}")
    if engine["shares"]:
        lines.append(f"  {'--cards N':16} N graphics cards make one take together")
    layout = layout_of(engine["name"])
    for model, row in zip(engine["models"], layout, strict=True):
        lines += [
            f"  model {model['name']}: {model['repository']}, {model['bytes'] / 1e9:.1f} GB in "
            f"bfloat16, {model['licence']}",
            f"    {model['terms']}",
            f"    here: {row['why']}",
        ]
    return Report(lines=lines, document={"engine": engine, "layout": layout})
