"""The documentation knows every command and option, and nothing that is not there.

To write the help texts into docs/cli.md anew: PLAYREEL_UPDATE_DOCS=1 pytest tests/test_cli_docs.py
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
from pathlib import Path

import pytest

from playreel.cli import build_parser

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs" / "cli.md"
VERBS = [
    "still",
    "play",
    "extend",
    "bridge",
    "loop",
    "restyle",
    "inpaint",
    "transition",
    "starts",
    "sequence",
    "finish",
    "shoot",
    "animate",
    "board",
    "export",
    "jobs",
    "demo",
    "train",
    "eval",
    "bench",
    "doctor",
    "engines",
    "expand",
    "inspect",
    "history",
    "undo",
    "redo",
    "trash",
    "disk",
    "restore",
    "lab",
    "share",
]


def commands() -> dict[str, argparse.ArgumentParser]:
    parser = build_parser()
    (group,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return dict(group.choices)


def section(name: str) -> str:
    text = DOCS.read_text(encoding="utf-8")
    match = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert match, f"docs/cli.md has no section for {name}"
    return match[1]


def test_the_commands_are_the_ones_promised() -> None:
    assert sorted(commands()) == sorted(VERBS)


@pytest.mark.parametrize("name", VERBS)
def test_each_command_is_documented(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "88")
    parser = commands()[name]
    if os.environ.get("PLAYREEL_UPDATE_DOCS"):
        text = DOCS.read_text(encoding="utf-8")
        old = re.search(r"```text\n.*?```\n", section(name), re.DOTALL)
        assert old, f"the section {name} has no text block to replace"
        fresh = section(name).replace(old[0], f"```text\n{parser.format_help()}```\n")
        DOCS.write_text(text.replace(section(name), fresh), encoding="utf-8")
    told = section(name)
    options = {option for action in parser._actions for option in action.option_strings}
    shown = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", told))
    assert {o for o in options if o.startswith("--")} <= shown, "options missing in docs/cli.md"
    own = set(re.findall(r"^  (?:-\w, )?(--[a-z][a-z-]*)", told, re.MULTILINE))
    assert own <= options, "docs/cli.md shows options that are not there"


@pytest.mark.parametrize("name", VERBS)
def test_each_command_and_option_has_help(name: str) -> None:
    parser = commands()[name]
    assert parser.description
    for action in parser._actions:
        listed = action.choices is not None
        assert action.help or listed, f"{name} {action.dest} has no help"
    assert "--project" in parser.format_help()
    assert "--json" in parser.format_help()


@pytest.mark.parametrize("file", ["README.md", "docs/cli.md", "CONTRIBUTING.md"])
def test_commands_shown_in_the_docs_are_understood(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    shown = re.findall(r"^(?:\$ )?(playreel [a-z][^\n]*)$", text, re.MULTILINE)
    for line in shown:
        words = shlex.split(line.split("  #")[0])[1:]
        build_parser().parse_args(words)
    assert shown or file == "CONTRIBUTING.md"


def test_make_targets_shown_in_the_docs_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for file in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / file).read_text(encoding="utf-8")
        for target in re.findall(r"^make ([a-z-]+)", text, re.MULTILINE):
            assert target in targets, f"{file} shows make {target}"
