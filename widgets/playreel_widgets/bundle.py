"""The browser half as one ES module: anywidget takes a single file, people read many small ones.

Each file of ``static/`` becomes a scope of its own. They import only each other, one line an import,
and export only by name; that is all this needs to know, and nobody needs a bundler.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
_IMPORT = re.compile(r'^import \{([^}]+)\} from "\./([a-z_]+)\.js";$', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class|let) ?\*?\s*(\w+))", re.M)
_NAMED = re.compile(r"^export (?:async )?(?:function|const|class|let) (\w+)", re.M)


def _scope(name: str, done: list[str], out: list[str]) -> None:
    if name in done:
        return
    text = (STATIC / f"{name}.js").read_text(encoding="utf-8")
    for _, needed in _IMPORT.findall(text):
        _scope(needed, done, out)
    done.append(name)
    names = ", ".join(_NAMED.findall(text))
    body = _IMPORT.sub(lambda m: f"const {{{m[1].replace(' as ', ': ')}}} = $${m[2]};", text)
    out.append(
        f"const $${name} = (() => {{\n{_EXPORT.sub('', body)}\nreturn {{ {names} }};\n}})();\n"
    )


@cache
def script() -> str:
    """The ES module that every widget runs."""
    out: list[str] = []
    _scope("index", [], out)
    return "".join(out) + "export default { render: $$index.render };\n"


@cache
def style() -> str:
    """The style sheet of every widget."""
    return (STATIC / "playreel.css").read_text(encoding="utf-8")
