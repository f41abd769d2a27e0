"""The world: what a player holds. One route through a session that other routes may share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from playreel.media.clip import Clip
from playreel.recipe import Recipe, content_hash
from playreel.world.actions import ActionSet
from playreel.world.capture import capture, remember_model
from playreel.world.player import Player
from playreel.world.policy import autoplay
from playreel.world.preview import preview
from playreel.world.prompt import (
    checked_size,
    context_frames,
    frames_from_clip,
    frames_from_image,
    playable_sizes,
)
from playreel.world.recorder import Recorder
from playreel.world.route import Route
from playreel.world.script import parse_script
from playreel.world.session import ROOT, Session, SessionHeader, checked_name, checked_seed

if TYPE_CHECKING:
    from playreel.core.bundle import WorldModel
    from playreel.media.image import ImageSource
    from playreel.world.policy import Policy
    from playreel.world.store import StoreConfig


class World:
    """A picture that can be played.

    Frames are counted from 0, the frame the world starts from. The player stands at `cursor`;
    rewinding moves the cursor and forgets nothing: `length` still counts the frames ahead, which
    stay until another button is pressed, and after that stay in the session's tree.

    Pressing the same buttons at the same place gives the same frames, on this machine and these
    weights. Nothing runs between presses. Presses from several threads take turns.
    """

    def __init__(
        self,
        model: WorldModel,
        frames: np.ndarray,
        *,
        seed: int = 0,
        name: str = "world",
        prompt_recipe: Recipe | None = None,
        parents: Iterable[str] = (),
        log: str | os.PathLike[str] | None = None,
        config: StoreConfig | None = None,
    ) -> None:
        """Starts a world from frames.

        Args:
            model: the weights; any number of worlds may share them.
            frames: uint8 [height, width, 3] or [k, height, width, 3] of a size the model plays.
                The last is frame 0, the one before it shows how things move.
            seed: another seed, another world, 0 to 2**64 - 1.
            name: the user's word for it, at most 256 characters.
            prompt_recipe: how the frames were made.
            parents: content hashes of what the frames were taken from; the frames' own if empty.
            log: a path to write every press to as it happens.
            config: memory bounds.

        Raises:
            InputError: frames of another type or size, or a seed out of range.
        """
        prompt = context_frames(model, frames)
        model = model.sized(prompt.shape[1:3])
        fps = Fraction(model.fps)
        header = SessionHeader(
            name=checked_name(name),
            seed=checked_seed(seed),
            weights=model.weights_hash,
            fps=str(fps),
            prompt=prompt,
            prompt_recipe=prompt_recipe,
            parents=tuple(parents) or (content_hash(prompt, fps),),
        )
        self._enter(Route(Player(model, Session(header), config), ROOT))
        if log is not None:
            self.record(log)

    def _enter(self, route: Route) -> None:
        self._route = route
        model = route.player.model
        self._actions = ActionSet(buttons=model.buttons, num_latents=model.num_actions)
        remember_model(model)

    @classmethod
    def _on(cls, route: Route) -> World:
        world = cls.__new__(cls)
        world._enter(route)
        return world

    # --- where a world comes from ---

    @classmethod
    def from_image(
        cls,
        model: WorldModel,
        image: ImageSource,
        *,
        size: str | tuple[int, int] | None = None,
        **options: Any,
    ) -> World:
        """Starts from any picture: a path, a PIL image or an array, cropped to fit.

        Args:
            model: the weights.
            image: what `playreel.media.load_image` takes.
            size: ``"16:9"``, ``"9:16"``, ``"1:1"`` or (height, width); the model's own for None.
            **options: as for `World`.

        Raises:
            MediaError: the picture cannot be read.
        """
        return cls(model, frames_from_image(image, checked_size(model, size)), **options)

    @classmethod
    def from_clip(cls, model: WorldModel, clip: Clip, **options: Any) -> World:
        """Starts where a clip ends: its last frame is frame 0, those before it are context.

        Args:
            model: the weights.
            clip: frames of any rate and size; fitted to the model's, unless it plays theirs.
            **options: as for `World`.
        """
        options.setdefault("parents", (clip.content_hash,))
        options.setdefault("prompt_recipe", clip.recipe)
        size = clip.size if clip.size in playable_sizes(model) else model.size
        return cls(model, frames_from_clip(clip, size, Fraction(model.fps)), **options)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        model: WorldModel,
        *,
        record: bool = False,
        config: StoreConfig | None = None,
    ) -> World:
        """Opens a saved session where its player stood. Frames are computed when looked at.

        Args:
            path: an action log.
            model: the weights the session was played on.
            record: write further presses to the same log as they happen.
            config: memory bounds.

        Raises:
            RecipeError: damaged, foreign, or played on other weights.
        """
        from playreel.world.log import read_log

        log = read_log(path)
        log.session.check_weights(model.weights_hash)
        context_frames(model, log.session.header.prompt)  # of a size it plays
        model = model.sized(log.session.header.size)
        player = Player(model, log.session, config, frames=log.frames, states=log.states)
        world = cls._on(Route(player, log.cursor))
        if record:
            world.record(path)
        return world

    # --- what it is ---

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the buttons; ``"latent:<code>"`` is reachable besides."""
        return self._actions.names

    @property
    def action_set(self) -> ActionSet:
        """Buttons and latent actions, with the rules for their names."""
        return self._actions

    @property
    def model(self) -> WorldModel:
        """The weights."""
        return self._route.player.model

    @property
    def session(self) -> Session:
        """The tree of everything played from this start, on all routes."""
        return self._route.player.session

    @property
    def name(self) -> str:
        """The user's word for it."""
        return self.session.header.name

    @property
    def seed(self) -> int:
        """The seed of the session."""
        return self.session.header.seed

    @property
    def fps(self) -> Fraction:
        """Frames per second."""
        return Fraction(self.session.header.fps)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.session.header.size

    @property
    def log(self) -> Path | None:
        """Where presses are written as they happen, or None."""
        recorder = self._route.player.recorder
        return None if recorder is None else recorder.path

    @property
    def cursor(self) -> int:
        """The frame the player stands at."""
        return self._route.cursor

    @property
    def length(self) -> int:
        """Frames on this route, those ahead of the cursor included."""
        return len(self._route.path)

    @property
    def node(self) -> int:
        """The cursor's node in the session's tree."""
        return self._route.node

    @property
    def frame(self) -> np.ndarray:
        """The frame at the cursor, uint8 [height, width, 3]."""
        return self._route.player.frame(self.node)

    @property
    def frames(self) -> np.ndarray:
        """All frames up to the cursor, uint8 [cursor + 1, height, width, 3]."""
        return self._route.stack(self._route.path[: self._route.cursor + 1])

    @property
    def history(self) -> tuple[str, ...]:
        """The buttons pressed from the start to the cursor."""
        return tuple(
            self.session[node].action for node in self._route.path[1 : self._route.cursor + 1]
        )

    def __repr__(self) -> str:
        height, width = self.size
        return f"<World {self.name!r} at {self.cursor} of {self.length} frames, {width}x{height}>"

    # --- playing ---

    def step(self, name: str, *, seed: int | None = None) -> np.ndarray:
        """Presses one button for one frame.

        Args:
            name: one of `actions`, in any case, ``"jump+right"``, or ``"latent:3"``.
            seed: draw this step anew; the same presses share one otherwise.

        Returns:
            The new frame, uint8 [height, width, 3].

        Raises:
            UnknownActionError: no such button; names those there are.
        """
        action, code = self._actions.resolve(name)
        if seed is not None:
            seed = checked_seed(seed)
        return self._route.player.frame(self._route.press(action, code, seed))

    def play(self, script: str | Iterable[str]) -> np.ndarray:
        """Plays a script such as ``"right*8 jump right*4"``.

        A script is read as a whole before the first press. Entries are parted by spaces or commas.

        Returns:
            The new frames, uint8 [time, height, width, 3].

        Raises:
            InputError: the script is empty, too long or has a bad count.
            UnknownActionError: no such button.
        """
        actions = parse_script(script, self._actions.resolve)
        presses = [self._actions.resolve(name) for name in actions]
        with self._route.player.lock:  # one script is played in one go
            return self._route.stack([self._route.press(*press) for press in presses])

    def rewind(self, n: int = 1) -> np.ndarray:
        """Goes back ``n`` frames, at once, and returns the frame there.

        Raises:
            RewindError: that is before the start.
        """
        self._route.rewind(n)
        return self.frame

    def forward(self, n: int = 1) -> np.ndarray:
        """Goes ahead again over ``n`` frames that were rewound, and returns the frame there.

        Raises:
            RewindError: that is past the last frame played on this route.
        """
        self._route.forward(n)
        return self.frame

    def fork(self, at: int | None = None) -> World:
        """A second route that shares the past up to frame ``at`` and goes its own way from there.

        Args:
            at: a frame of this route, 0 to length - 1; the cursor if not given. This world stays.

        Raises:
            RewindError: no such frame.
        """
        return World._on(self._route.fork(at))

    def branches(self) -> tuple[World, ...]:
        """Every route ever played in this session, oldest first, each at its end."""
        with self._route.player.lock:
            leaves = self.session.leaves()
        return tuple(World._on(Route(self._route.player, leaf)) for leaf in leaves)

    # --- taking something along ---

    def capture(self, start: int = 0, stop: int | None = None) -> Clip:
        """Takes frames ``start`` to ``stop`` (exclusive) of this route as a clip.

        Frames ahead of the cursor count too.

        Args:
            start: first frame, 0-based.
            stop: the frame after the last; the end of the route if not given.

        Returns:
            The clip; its recipe holds what is needed to make it again.

        Raises:
            CaptureError: the range lies outside the session; names the valid one.
        """
        return capture(self._route, start, stop)

    def preview(
        self,
        num_frames: int = 4,
        actions: Iterable[str] | None = None,
        go_on: Callable[[], bool] = lambda: True,
    ) -> Mapping[str, Clip]:
        """What each button would do now, without pressing it.

        Args:
            num_frames: how long each button would be held, 1 to 64.
            actions: these buttons only.
            go_on: asked before each frame; when it says no, previews that are not whole are left out.

        Returns:
            Button name -> clip of the ``num_frames`` frames that follow the cursor.
        """
        return preview(self, num_frames, actions, go_on)

    def autoplay(
        self,
        policy: str | Policy | Callable[[np.ndarray], str] = "random-held",
        num_steps: int = 48,
        *,
        seed: int = 0,
    ) -> np.ndarray:
        """Lets a policy play.

        Args:
            policy: ``"random-held"``, ``"runner"``, ``"explore"``, or anything that takes a frame
                and returns a button's name.
            num_steps: how many frames.
            seed: of the built-in policies.

        Returns:
            The new frames, uint8 [num_steps, height, width, 3].

        Raises:
            InputError: no such policy, or one that needs buttons this world lacks.
        """
        return autoplay(self, policy, num_steps, seed=seed)

    # --- keeping ---

    def record(self, path: str | os.PathLike[str]) -> Path:
        """Writes the session to ``path`` and from now on every press as it happens.

        Raises:
            RecipeError: the file is the log of another session.
            StorageError: it cannot be written.
        """
        with self._route.player.lock:
            recorder = Recorder(self.session, path, kept=self._route.player.kept)
            recorder.update(self.node)
            self._route.player.recorder = recorder
        return Path(path)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the session's action log, whole or not at all.

        Raises:
            StorageError: the disk is full or the folder cannot be written.
        """
        with self._route.player.lock:
            return self.session.save(path, cursor=self.node, kept=self._route.player.kept)
