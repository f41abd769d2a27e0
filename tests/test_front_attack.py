"""Payloads against a served project, over raw HTTP: nothing is served, nothing falls, nothing is told."""

from __future__ import annotations

import itertools
import json
import re
import socket
import subprocess
import sys

import httpx
import pytest

pytest.importorskip("gradio")
pytest.importorskip("itsdangerous")

from playreel.media import Clip
from playreel.studio import Studio

SECRET = "nobody-may-read-this-0123456789"  # noqa: S105
VISITORS = 12  # who take turns, so that no quota hides what a request does
UP = (
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..\\",
    "..%5c",
    "....//",
    "..;/",
    "%252e%252e%252f",
    "..%c0%af",
)
PLACES = ("/media/film/", "/media/poster/", "/front/", "/assets/", "/gradio_api/file=")
TARGETS = (
    "secret.txt",
    ".playreel/share/key",
    ".playreel/share/access.sqlite",
    "project.json",
    "board.toml",
)


def traversals() -> list[str]:
    """Fifty paths out of where files are served, and to what lies beside them."""
    paths = [
        f"{place}{up * (1 + i % 4)}{TARGETS[(i + j) % len(TARGETS)]}"
        for j, place in enumerate(PLACES)
        for i, up in enumerate(UP)
    ]
    assert len(set(paths)) == 50
    return paths


def more_paths(folder) -> list[str]:
    """Whole paths, links, schemes and the doors of Gradio that are closed."""
    key = f"{folder}/.playreel/share/key"
    return [
        f"/gradio_api/file={key}", f"/gradio_api/file={folder}/secret.txt", "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd", "/file=/etc/passwd", "/gradio_api/proxy=http://127.0.0.1:1/x",
        "/gradio_api/proxy=file:///etc/passwd", "/media/film/link.mp4", "/media/film/%00.mp4",
        f"/{key}", "//etc/passwd", "/media/film/film.mp4%00.png", "/media/film/.hidden.mp4",
        "/gradio_api/deep_link?session_hash=x", "/gradio_api/stream/a/b/c/playlist-file",
        "/gradio_api/upload_progress?upload_id=x", "/gradio_api/custom_component/a/b/c/d",
        "/monitoring", "/monitoring/x", "/gradio_api/dev/reload", "/gradio_api/vibe-code",
        "/gradio_api/runs", "/pwa_icon/1", "/manifest.json", "/docs", "/openapi.json", "/redoc",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """A served project with secrets about, and a way to talk to it byte by byte."""
    import numpy as np

    root = tmp_path_factory.mktemp("attack")
    folder = root / "pitch"
    studio = Studio(folder)
    studio.board.add(studio.keep(Clip(np.full((30, 72, 128, 3), 90, np.uint8), 12)))
    for place in (root, folder, folder / "films"):
        place.mkdir(exist_ok=True)
        (place / "secret.txt").write_text(SECRET)
    (folder / "films" / "link.mp4").symlink_to(folder / "secret.txt")
    (folder / "films" / ".hidden.mp4").write_text(SECRET)
    process = subprocess.Popen(
        [sys.executable, "-m", "playreel", "share", str(folder), "--json", "--invite", "editor"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    told = json.loads(process.stdout.readline())
    token = told["links"][0]["link"].split("#")[1]
    given = {"invite": token, "token": True, "name": "Eve"}
    tokens = [
        httpx.post(f"{told['url']}/enter", json=given).json()["token"] for _ in range(VISITORS)
    ]
    yield Target(folder, told["port"], tokens, studio.board.shots[0].uid)
    process.terminate()
    _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    for secret in (token, *tokens, SECRET):
        assert secret not in errors.replace(told["links"][0]["link"], "")
    assert process.returncode == 0


class Target:
    def __init__(self, folder, port: int, tokens: list[str], shot: str) -> None:
        self.folder, self.port, self.shot = folder, port, shot
        self.token = tokens[0]
        self._next = itertools.cycle(tokens)

    def raw(self, method: str, path: str, body: bytes = b"", *, bearer: str | None = None) -> bytes:
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n"
            f"Authorization: Bearer {next(self._next) if bearer is None else bearer}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(head.encode("utf-8", "surrogateescape") + body)
            parts = []
            while part := connection.recv(1 << 16):
                parts.append(part)
        return b"".join(parts)

    def alive(self) -> bool:
        return status(self.raw("POST", "/do/me", b"{}")) == 200


def status(reply: bytes) -> int:
    found = re.match(rb"HTTP/1\.1 (\d+)", reply)
    assert found, reply[:200]
    return int(found[1])


def test_fifty_paths_out_of_the_project_are_served_by_none(target) -> None:
    key = (target.folder / ".playreel" / "share" / "key").read_bytes()
    for path in [*traversals(), *more_paths(target.folder)]:
        for method in ("GET", "POST"):
            reply = target.raw(method, path)
            assert status(reply) in (400, 401, 403, 404, 405, 422, 429), (method, path, reply[:300])
            assert SECRET.encode() not in reply
            assert key not in reply
            assert b"Traceback" not in reply
            assert str(target.folder).encode() not in reply.replace(path.encode(), b"")
    assert target.alive()


def payloads(shot: str) -> list[tuple[str, bytes]]:
    """A hundred requests that no page of ours sends."""
    long, deep = "x" * 100_000, "[" * 50_000
    weird = [
        b"", b"{", b"null", b"[]", b"7", b'"text"', b"\x00\xff\xfe", b'{"a":', deep.encode(),
        b'{"__proto__": {"role": "owner"}}', b"\xef\xbb\xbf{}", b"{}{}", b'{"a": NaN}', b"true",
    ]  # fmt: skip
    found = [("/do/comment", body) for body in weird]
    found += [
        (path, body)
        for path in ("/gradio_api/run/predict", "/gradio_api/queue/join")
        for body in weird
    ]
    found += [("/enter", body) for body in weird[:8]]

    def do(verb: str, **given) -> None:
        found.append((f"/do/{verb}", json.dumps(given).encode()))

    for value in (
        None,
        1,
        [],
        {},
        True,
        long,
        "\ud800",
        "../../etc/passwd",
        "/etc/passwd",
        "last\x00",
        "' OR 1=1 --",
    ):
        do("extend", take=value)
        do("comment", take=value, text="x")
    for seconds in (-1, 0, 1e308, "2", float("inf"), None, [2]):
        do("extend", take="last", seconds=seconds)
    for name in (
        "../x.mp4",
        "/tmp/x.mp4",  # noqa: S108
        "x.mp4/..",
        "x.exe",
        ".mp4",
        "a\nb.mp4",
        "x" * 300 + ".mp4",
        "con:.mp4",
    ):
        do("export", name=name)
    for size in ("17:9", "-1", long, 9, "16:9; rm"):
        do("still", prompt="a", size=size)
    for uid in ("", "shot-none", shot + "x", "../" + shot, 5):
        do("move_shot", shot=uid, to=1)
        do("approve", shot=uid)
    do("move_shot", shot=shot, to=10**30)
    do("move_shot", shot=shot, to=1.5)
    do("change_shot", shot=shot, dialogue=long)
    do("change_shot", shot=shot, size="<script>")
    do("comment", take="last", text="x", drawing=[{"points": [[1e9, 2]]}])
    do("merge_comments", file=long)
    do(
        "merge_comments",
        file='{"format": "playreel-comments", "version": 1, "events": [{"kind": "x"}]}',
    )
    do("nothing")
    do("__init__")
    for name in ("event_id", "event_data"):
        found.append(("/gradio_api/run/me", json.dumps({"data": [], name: {"a": 1}}).encode()))
    for data in ([1, 2, 3], {}, "x", None, [[]] * 40):
        found.append(("/gradio_api/run/invite", json.dumps({"data": data}).encode()))
        found.append(
            ("/gradio_api/call/press", json.dumps({"data": data, "session_hash": "../x"}).encode())
        )
    for number in (-1, 10**9, "0", 1.5, None, True, {}):
        found.append(
            ("/gradio_api/run/predict", json.dumps({"data": [], "fn_index": number}).encode())
        )
    return found


def test_a_hundred_malformed_requests_are_answered_in_words(target) -> None:
    sent = payloads(target.shot)
    assert len(sent) >= 100
    for number, (path, body) in enumerate(sent):
        reply = target.raw("POST", path, body)
        assert 400 <= status(reply) < 500 and status(reply) != 429, (
            number,
            path,
            body[:80],
            reply[:300],
        )
        assert b"Traceback" not in reply
        assert str(target.folder).encode() not in reply
        message = json.loads(reply.split(b"\r\n\r\n", 1)[1])
        assert message["code"] not in ("fault",), (path, body[:80])
    assert target.alive()


def test_what_is_no_http_leaves_the_server_standing(target) -> None:
    for data in (b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"A" * 70_000,
                 b"POST /do/me HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                 b"POST /do/me HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"):  # fmt: skip
        with socket.create_connection(("127.0.0.1", target.port), timeout=5) as connection:
            connection.settimeout(3)
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            try:
                while connection.recv(4096):
                    pass
            except (TimeoutError, ConnectionError):
                pass
    assert target.alive()


def test_tokens_that_are_none_open_nothing(target) -> None:
    for token in ("", "x", target.token[:-1], target.token[::-1], "null", "\ud83d" * 3, "a" * 5000):
        bearer = token.encode("utf-8", "surrogatepass").decode("latin-1")
        assert status(target.raw("POST", "/do/me", b"{}", bearer=bearer)) in (400, 401)
    assert target.alive()
