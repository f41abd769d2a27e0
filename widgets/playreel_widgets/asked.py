"""What a browser asks for: checked on the way in, since any page could have sent it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from playreel.errors import InputError

MAX_UPLOAD = 24 * 2**20
MAX_TEXT = 10_000


class Asked:
    """The arguments and buffers of one request.

    Every getter raises InputError, naming the argument, when it is not what it should be.
    """

    def __init__(self, arguments: object, buffers: Sequence[Any] = ()) -> None:
        self._arguments: Mapping[str, Any] = arguments if isinstance(arguments, Mapping) else {}
        self._buffers = buffers

    def text(self, name: str, default: str | None = None, *, limit: int = MAX_TEXT) -> str:
        """A string of at most ``limit`` characters."""
        value = self._arguments.get(name, default)
        if not isinstance(value, str) or len(value) > limit:
            seen = f"{len(value)} characters" if isinstance(value, str) else repr(value)[:60]
            raise InputError(f"{name} is text of at most {limit} characters, not {seen}.")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """A finite number."""
        value = self._arguments.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12:
            raise InputError(f"{name} is a number, not {value!r:.60}.")
        return value

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        value = self.number(name, default)
        if value != int(value):
            raise InputError(f"{name} is a whole number, not {value!r}.")
        return int(value)

    def maybe_whole(self, name: str) -> int | None:
        """A whole number, or None where it was left empty."""
        return None if self._arguments.get(name) in (None, "") else self.whole(name)

    def maybe_text(self, name: str) -> str | None:
        """A string with something in it, or None."""
        if self._arguments.get(name) is None:
            return None
        return self.text(name).strip() or None

    def flag(self, name: str, default: bool = False) -> bool:
        """True or False."""
        value = self._arguments.get(name, default)
        if not isinstance(value, bool):
            raise InputError(f"{name} is true or false, not {value!r:.60}.")
        return value

    def names(self, name: str, *, limit: int = 64) -> list[str]:
        """A list of short strings."""
        return self._list(
            name, limit, "names", lambda item: isinstance(item, str) and len(item) <= 200
        )

    def shares(self, name: str, count: int) -> tuple[float, ...]:
        """So many numbers from 0 to 1."""
        value = self._arguments.get(name)
        numbers = value if isinstance(value, list) else []
        if len(numbers) != count or not all(
            isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n <= 1 for n in numbers
        ):
            raise InputError(f"{name} is {count} numbers from 0 to 1, not {value!r:.60}.")
        return tuple(float(n) for n in numbers)

    def rows(self, name: str, *, limit: int = 64) -> list[dict[str, Any]]:
        """A list of objects."""
        return self._list(
            name, limit, "objects", lambda item: isinstance(item, dict) and len(item) <= 16
        )

    def _list(self, name: str, limit: int, what: str, fits: Callable[[Any], bool]) -> list[Any]:
        value = self._arguments.get(name, [])
        if not isinstance(value, list) or len(value) > limit or not all(map(fits, value)):
            raise InputError(f"{name} is a list of at most {limit} {what}, not {value!r:.60}.")
        return value

    def maybe_number(self, name: str) -> float | None:
        """A finite number, or None where it was left empty."""
        return None if self._arguments.get(name) in (None, "") else self.number(name)

    def mapping(self, name: str) -> dict[str, Any]:
        """An object."""
        value = self._arguments.get(name, {})
        if not isinstance(value, dict) or len(value) > 64:
            raise InputError(f"{name} is an object, not {value!r:.60}.")
        return value

    def upload(self, index: int = 0) -> bytes | None:
        """A buffer, or None where it was not sent."""
        if index >= len(self._buffers):
            return None
        data = bytes(self._buffers[index])
        if len(data) > MAX_UPLOAD:
            raise InputError(
                f"This picture has {len(data) / 2**20:.0f} MB, more than the "
                f"{MAX_UPLOAD // 2**20} MB taken here. Make it smaller, or give its path in Python."
            )
        return data or None
