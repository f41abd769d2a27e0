"""`Studio`: one project, and every verb that makes something in it."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from playreel.errors import InputError
from playreel.film.fit import drawing_clip
from playreel.media import SIZES, Clip
from playreel.project import ProjectFolder, Take
from playreel.recipe import Recipe, register_replayer
from playreel.studio.cutting import Cutting
from playreel.studio.directing import Directing
from playreel.studio.engined import Engines, by_engine, picture_of
from playreel.studio.keeping import Keeping, needs_room
from playreel.studio.making import Making
from playreel.studio.options import Joining, Sampling, seed_or_new
from playreel.studio.queueing import Queueing
from playreel.studio.remake import OPERATIONS, remake
from playreel.studio.showing import Showing
from playreel.studio.story import told
from playreel.studio.wording import Wording

if TYPE_CHECKING:
    from playreel.board import Board
    from playreel.core import Bundle
    from playreel.studio.played import StudioWorld
    from playreel.world import World

ClipLike = Clip | str | os.PathLike[str]
Progress = Callable[[int, int], None]


class Studio(Cutting, Making, Keeping, Queueing, Engines, Wording, Directing, Showing):
    """A project folder and the model that works in it.

    Every take is written to the folder the moment it is made, lossless and with its recipe. Clips
    may be given as `Clip`, as the first digits of a take's name, as ``"last"``, or as a path.

    Args:
        project: the folder, opened or made.
        weights: name or path of a bundle of weights.
        engine: what films are made by: ``"bundled"``, an engine or model that ``playreel engines``
            lists, or the folder of a diffusers pipeline. Every verb takes another as ``engine=``.
        bundle: weights that are loaded already, instead.
        on_progress: told of frames done and frames in all while an operation runs; may raise to stop.
        executor: where queued jobs run: ``"local"``, ``"ray"``, or the address of a Ray cluster.
        owner: a secret that says whose jobs are queued here; None means this user of this machine.

    Raises:
        InputError: the path is no project folder.
        StorageError: it cannot be made or read.
    """

    def __init__(
        self,
        project: str | os.PathLike[str],
        *,
        weights: str = "bundled",
        engine: str = "bundled",
        bundle: Bundle | None = None,
        on_progress: Progress | None = None,
        executor: str = "local",
        owner: str | None = None,
    ) -> None:
        self.project = ProjectFolder(Path(project))
        self._executor, self._owner = executor, owner
        self.on_progress = on_progress
        self._weights = weights
        self._engine_name = engine
        self._bundle = bundle
        self._board: Board | None = None
        self._register()

    def __repr__(self) -> str:
        return f"<Studio {str(self.path)!r}, {len(self.takes)} takes>"

    def _register(self) -> None:
        """Lets ``recipe.replay()`` find this project; the project opened last answers."""
        mine, path, weights = weakref.ref(self), self.path, self._weights

        def replayer(recipe: Recipe) -> Clip:
            return (mine() or Studio(path, weights=weights)).replay(recipe)

        register_replayer(replayer, *OPERATIONS)

    @property
    def weights(self) -> str:
        """Name or path of the bundle, as another process can load it."""
        if self._bundle is not None and self._weights == "bundled":
            return str(self._bundle.path)
        known = Path(self._weights)
        return str(known.absolute()) if known.is_dir() else self._weights

    # -- what is there ---------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """The project folder."""
        return self.project.path

    @property
    def bundle(self) -> Bundle:
        """The weights, loaded when first needed.

        Raises:
            CheckpointError: missing, damaged or foreign weights.
        """
        if self._bundle is None:
            from playreel.core import load_bundle

            self._bundle = load_bundle(self._weights)
        return self._bundle

    @property
    def takes(self) -> tuple[Take, ...]:
        """What was made here, oldest first; pictures and clips brought in are left out."""
        return tuple(take for take in self.project.media if take.operation != "input")

    @property
    def stars(self) -> tuple[str, ...]:
        """Content hashes of the takes that were marked as favourites."""
        kept = self.project.read().get("stars", ())
        return tuple(name for name in kept if isinstance(name, str))

    def star(self, take: str, on: bool = True) -> None:
        """Marks a take as a favourite, or no longer.

        Raises:
            InputError: nothing goes by that name.
        """
        name = self.project.media.find(take).content_hash
        others = [star for star in self.stars if star != name]
        self.project.update(stars=[*others, name] if on else others)

    @property
    def engine(self) -> str:
        """What makes the frames, in a few words."""
        if self.engine_name != "bundled":
            return self.engine_name
        return f"{self._weights if self._bundle is None else self._bundle.path.name} · CPU"

    def open(self, reference: ClipLike) -> Clip:
        """A clip by the first digits of its take's name, ``"last"``, or a path to any video.

        Raises:
            InputError: nothing goes by that name.
            MediaError: the file cannot be read.
        """
        if isinstance(reference, Clip):
            return reference
        if isinstance(reference, os.PathLike) or Path(reference).suffix:
            return Clip.open(reference)
        card = self.card(reference)
        if card is not None:
            return card
        return self.project.media.open(self.project.media.find(reference).content_hash)

    def path_of(self, clip: ClipLike) -> Path:
        """Where a take's frames lie."""
        return self.project.media.path(self.open(clip).content_hash)

    def keep(self, clip: Clip) -> Clip:
        """Saves a clip that came from elsewhere as a take; returns it."""
        self.project.media.add(clip)
        return clip

    # -- pictures --------------------------------------------------------------------------------

    @needs_room
    @by_engine
    def still(
        self,
        prompt: str | None = None,
        *,
        sketch: Any = None,
        image: Any = None,
        hero: Any = None,
        size: str = "16:9",
        strength: float = 0.6,
        seed: int | None = None,
        **sampling: Unpack[Sampling],
    ) -> Clip:
        """A picture from a sentence, a sketch, a picture, or any of them together.

        Args:
            prompt: what to show, English or Chinese.
            sketch: a line drawing: path, PIL image or array.
            image: a picture to start from: path, PIL image, array or Clip.
            hero: a picture whose hero is in this one too, pixel for pixel.
            size: ``"16:9"``, ``"9:16"``, ``"1:1"``, or pixels up to ``"2048x2048"``.
            strength: with an image, 0 keeps it and 1 ignores it.
            seed: the same seed gives the same picture; None draws one.
            **sampling: see `playreel.studio.options.Sampling`.

        Returns:
            A clip of one frame.

        Raises:
            PromptError: nothing to go by, or an unusable prompt.
            MediaError: an unreadable sketch or picture.
            InputError: nobody is found in the picture of the hero.
        """
        from playreel import film
        from playreel.film.fit import still_size

        hw, _ = still_size(size)
        ink = None if sketch is None else self.keep(drawing_clip(sketch, hw))
        picture = None if image is None else self.keep(film.picture_clip(image, hw))
        shown = None if hero is None else self.keep(film.picture_clip(hero))
        return self.keep(
            film.still(
                self.bundle.film,
                prompt,
                sketch=ink,
                image=picture,
                hero=shown,
                size=size,
                strength=strength,
                seed=seed_or_new(seed),
                **sampling,
            )
        )

    # -- worlds ----------------------------------------------------------------------------------

    @needs_room
    def world(
        self,
        start: ClipLike | None = None,
        *,
        prompt: str | None = None,
        sketch: Any = None,
        image: Any = None,
        size: str = "16:9",
        seed: int | None = None,
        name: str = "world",
    ) -> StudioWorld:
        """A world that can be played.

        It starts where ``start`` ends, or from a still made of the other arguments. Every press is
        written to the project's sessions folder as it happens; what is captured becomes a take.

        Args:
            start: a still or a clip.
            prompt: instead: what to show.
            sketch: instead or besides: a line drawing.
            image: instead or besides: a picture or photo.
            size: of the still to be made.
            seed: another seed, another world; None draws one.
            name: your word for it.

        Raises:
            InputError: both a start and something to make one from, or nothing at all.
        """
        from playreel.film.fit import picture_clip
        from playreel.world import World
        from playreel.world.prompt import nearest_playable

        given = prompt is not None or sketch is not None or image is not None
        if (start is not None) == given:
            raise InputError(
                "A world starts from a clip or from a prompt, sketch or image: give "
                + ("only one of the two." if given else "one of them.")
            )
        number = seed_or_new(seed)
        model = self.bundle.world
        is_picture = image is not None and prompt is None and sketch is None
        if is_picture and model.size not in SIZES.values():  # it was taught on somebody's videos
            start = picture_clip(image, model.size)
        if start is None:
            start = self.still(prompt, sketch=sketch, image=image, size=size, seed=number)
        clip = self.keep(self.open(start))
        model = model.sized(nearest_playable(model, clip.size))
        world = World.from_clip(model, clip, seed=number, name=name)
        world.record(self.project.sessions / f"{world.session.header.session_id}.ndjson")
        self.project.session_list.opened(world.session.header.session_id)
        return self._adopt(world)

    def open_world(self, session: str | os.PathLike[str]) -> StudioWorld:
        """A world played before, as it was left.

        Args:
            session: the first digits of its session's name, ``"last"``, or a path to its log.

        Raises:
            InputError: no session, or more than one, goes by that name.
            RecipeError: the log is damaged or was played on other weights.
        """
        from playreel.world import Session, World

        log = self.session_path(session)
        model = self.bundle.world.sized(Session.load(log).header.size)
        if log.parent == self.project.sessions:
            self.project.session_list.opened(log.stem)
        return self._adopt(World.load(log, model, record=True))

    def _adopt(self, world: World) -> StudioWorld:
        from playreel.studio.played import StudioWorld

        self._register()  # a new world registers itself, and knows no project
        return StudioWorld.adopt(world, self.keep)

    @property
    def sessions(self) -> tuple[str, ...]:
        """Names of the sessions played here, the latest last."""
        return self.project.session_list.names()

    def session_path(self, session: str | os.PathLike[str]) -> Path:
        """Where the log of a session lies; see `open_world`."""
        if isinstance(session, os.PathLike) or session.endswith(".ndjson"):
            return Path(session)
        names = self.sessions
        found = names[-1:] if session == "last" else [n for n in names if n.startswith(session)]
        found = [session] if session in names else found
        if len(found) != 1 or not session:
            raise InputError(
                f"{session!r} names {len(found)} sessions of {self.path}. "
                f"Give one of: {', '.join(names[-8:]) or '(none has been played yet)'}."
            )
        return self.project.sessions / f"{found[0]}.ndjson"

    # -- takes -----------------------------------------------------------------------------------

    @needs_room
    @by_engine
    def shoot(
        self,
        prompt: str,
        *,
        seconds: float = 2.0,
        camera: str | None = None,
        size: str = "16:9",
        sketches: Mapping[float, Any] | None = None,
        keyframes: Mapping[float, Any] | None = None,
        references: Sequence[Any] = (),
        seed: int | None = None,
        **sampling: Unpack[Sampling],
    ) -> Clip:
        """A take from text; see `playreel.film.shoot`.

        Args:
            prompt: what happens, with timed parts such as ``"a cave [0s-2s: torch light]"``.
            seconds: its length, in whole twelfths.
            camera: a camera move, such as ``"pan right"``.
            size: ``"16:9"``, ``"9:16"`` or ``"1:1"``.
            sketches: drawings by the second at which they are to be seen.
            keyframes: pictures by the second at which they are seen, pixel for pixel once fitted.
            references: pictures of who or what is to be in it; for engines that take them.
            seed: the same seed gives the same take; None draws one.
            **sampling: see `playreel.studio.options.Sampling`.
        """
        from playreel import film
        from playreel.film.fit import frame_size

        hw = frame_size(size)
        drawn = {at: self.keep(drawing_clip(s, hw)) for at, s in (sketches or {}).items()}
        shown = {
            at: self.keep(film.picture_clip(picture_of(self, picture), hw))
            for at, picture in (keyframes or {}).items()
        }
        return self.keep(
            film.shoot(
                self.bundle.film,
                prompt,
                seconds=seconds,
                camera=camera,
                size=size,
                sketches=drawn or None,
                keyframes=shown or None,
                seed=seed_or_new(seed),
                callback=self.on_progress,
                **sampling,
            )
        )

    @needs_room
    @by_engine
    def animate(
        self,
        picture: Any,
        prompt: str | None = None,
        *,
        seconds: float = 2.0,
        camera: str | None = None,
        size: str | None = None,
        seed: int | None = None,
        **sampling: Unpack[Sampling],
    ) -> Clip:
        """A take that begins with a picture; see `playreel.film.animate`.

        Args:
            picture: a still, a take's name, a path, a PIL image or an array.
            prompt: what happens; None takes the still's own.
            seconds: length, the picture included.
            camera: a camera move.
            size: another aspect than the picture's own.
            seed: the same seed gives the same take; None draws one.
            **sampling: see `playreel.studio.options.Sampling`.
        """
        from playreel import film
        from playreel.film.fit import frame_size

        if isinstance(picture, str) and not Path(picture).suffix:
            picture = self.open(picture)
        hw = frame_size(size) if size else None
        still = self.keep(film.picture_clip(picture, hw))
        if isinstance(picture, Clip):
            still = still.with_recipe(told(picture, self.project.media).recipe)
        return self.keep(
            film.animate(
                self.bundle.film,
                still,
                prompt,
                seconds=seconds,
                camera=camera,
                size=size,
                seed=seed_or_new(seed),
                callback=self.on_progress,
                **sampling,
            )
        )

    @needs_room
    @by_engine
    def extend(
        self,
        clip: ClipLike,
        *,
        seconds: float = 2.0,
        direction: str = "forward",
        prompt: str | None = None,
        camera: str | None = None,
        seed: int | None = None,
        **joining: Unpack[Joining],
    ) -> Clip:
        """What follows a clip, or what led up to it; the clip itself stays pixel for pixel.

        Args:
            clip: a clip, a take's name or a path.
            seconds: how much is added.
            direction: ``"forward"`` or ``"backward"``.
            prompt: what happens in the new part; None takes the clip's own, "" none at all.
            camera: a camera move for the new part.
            seed: the same seed gives the same take; None draws one.
            **joining: see `playreel.studio.options.Joining`.
        """
        from playreel import film

        return self.keep(
            film.extend(
                self.bundle.film,
                self._told(clip),
                seconds=seconds,
                direction=direction,
                prompt=prompt,
                camera=camera,
                seed=seed_or_new(seed),
                callback=self.on_progress,
                **joining,
            )
        )

    @needs_room
    @by_engine
    def bridge(
        self,
        first: ClipLike,
        last: ClipLike,
        *,
        seconds: float = 1.0,
        prompt: str | None = None,
        camera: str | None = None,
        seed: int | None = None,
        **joining: Unpack[Joining],
    ) -> Clip:
        """Two clips with new frames between them; see `playreel.film.bridge`.

        Args:
            first: the clip to leave; a clip, a take's name or a path.
            last: the clip to arrive at.
            seconds: length of the new part.
            prompt: what happens in between; None takes the clips' own.
            camera: a camera move for the new part.
            seed: the same seed gives the same take; None draws one.
            **joining: see `playreel.studio.options.Joining`.
        """
        from playreel import film

        return self.keep(
            film.bridge(
                self.bundle.film,
                self._told(first),
                self._told(last),
                seconds=seconds,
                prompt=prompt,
                camera=camera,
                seed=seed_or_new(seed),
                callback=self.on_progress,
                **joining,
            )
        )

    @needs_room
    @by_engine
    def loop(
        self,
        clip: ClipLike,
        *,
        seconds: float = 1.0,
        prompt: str | None = None,
        camera: str | None = None,
        seed: int | None = None,
        **joining: Unpack[Joining],
    ) -> Clip:
        """A clip that leads back to its own start; see `playreel.film.loop`.

        Args:
            clip: a clip, a take's name or a path.
            seconds: length of the new part.
            prompt: what happens in the new part; None takes the clip's own.
            camera: a camera move for the new part.
            seed: the same seed gives the same take; None draws one.
            **joining: see `playreel.studio.options.Joining`.
        """
        from playreel import film

        return self.keep(
            film.loop(
                self.bundle.film,
                self._told(clip),
                seconds=seconds,
                prompt=prompt,
                camera=camera,
                seed=seed_or_new(seed),
                callback=self.on_progress,
                **joining,
            )
        )

    @needs_room
    @by_engine
    def restyle(
        self,
        clip: ClipLike,
        prompt: str,
        *,
        strength: float = 0.6,
        keep_lines: bool | None = None,
        seed: int | None = None,
        **sampling: Unpack[Sampling],
    ) -> Clip:
        """The same motion in another style; see `playreel.film.restyle`.

        Args:
            clip: a clip, a take's name or a path.
            prompt: the style, such as ``"ink wash"``.
            strength: 0 returns the same frames, 1 keeps nothing of them.
            keep_lines: hold on to the clip's outlines; None does where the engine can, and the take's
                recipe says whether it did.
            seed: the same seed gives the same take; None draws one.
            **sampling: see `playreel.studio.options.Sampling`.
        """
        from playreel import film
        from playreel.footage.sketch import line_sketch

        source = self.keep(self.open(clip))
        return self.keep(
            film.restyle(
                self.bundle.film,
                source,
                prompt,
                strength=strength,
                sketcher=None if keep_lines is False else line_sketch,
                seed=seed_or_new(seed),
                callback=self.on_progress,
                **sampling,
            )
        )

    @needs_room
    @by_engine
    def inpaint(
        self,
        clip: ClipLike,
        prompt: str,
        *,
        region: Any,
        seed: int | None = None,
        **sampling: Unpack[Sampling],
    ) -> Clip:
        """Something else in a region of a clip; all around it stays pixel for pixel.

        Args:
            clip: a take or a still, a take's name or a path.
            prompt: what is to be seen there.
            region: ``(left, top, right, bottom)`` as shares of the picture, or a mask: a picture that is
                light where something new is wanted.
            seed: the same seed gives the same take; None draws one.
            **sampling: see `playreel.studio.options.Sampling`.
        """
        from playreel import film
        from playreel.film.fit import nearest_size
        from playreel.film.region import region_clip

        source = self.keep(self.open(clip))
        marked = self.keep(region_clip(region, nearest_size(*source.size)))
        return self.keep(
            film.inpaint(
                self.bundle.film,
                source,
                prompt,
                region=marked,
                seed=seed_or_new(seed),
                callback=self.on_progress,
                **sampling,
            )
        )

    def _told(self, reference: ClipLike) -> Clip:
        clip = self.open(reference)
        self.keep(clip)
        return told(clip, self.project.media)

    # -- again -------------------------------------------------------------------------------

    def replay(self, recipe: Recipe) -> Clip:
        """Makes a clip again from its recipe, bit for bit on the same weights and machine.

        Raises:
            RecipeError: unknown operation, other weights, or a parent that is not here.
        """
        return remake(self, recipe)
