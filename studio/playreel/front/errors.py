"""What can be wrong with a share and with its visitors."""

from __future__ import annotations

from playreel.errors import PlayreelError


class ShareError(PlayreelError):
    """A share cannot start as asked; the message says how it can."""

    code = "share"


class TunnelError(ShareError):
    """The tunnel's client is missing or does not come up; the message names the other ways."""

    code = "tunnel"


class SignedOutError(PlayreelError):
    """The visitor has not entered, or the pass has expired, was revoked or was used before."""

    code = "signed-out"


class NotAllowedError(PlayreelError):
    """The visitor's role does not cover it."""

    code = "not-allowed"


class TooManyError(PlayreelError):
    """The visitor has used up a quota or asks too fast; the message says when to go on."""

    code = "too-many"
