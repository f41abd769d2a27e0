"""A player with a purpose: reaches for a block and pushes it, a few frames on each button."""

from __future__ import annotations

import math

import numpy as np

from playreel.footage.arm_body import (
    BLOCK_RADIUS,
    ELBOW_IN,
    ELBOW_OUT,
    ELBOW_STOPS,
    SHOULDER_LEFT,
    SHOULDER_RIGHT,
    SHOULDER_STOPS,
    STAY,
    TIP_RADIUS,
    ArmBody,
    Pose,
    tip_table,
)

OPPOSITE = {
    SHOULDER_LEFT: SHOULDER_RIGHT,
    SHOULDER_RIGHT: SHOULDER_LEFT,
    ELBOW_IN: ELBOW_OUT,
    ELBOW_OUT: ELBOW_IN,
}
HOLD = (2, 7)  # frames on one button, end exclusive
PAUSE = (2, 6)
MISS_ALLOWED = 3.5  # pixels between where the tip should stand and where it can
HOOK = 2.0  # pixels by which the tip stands beyond the block's middle, so that it does not slip off
WANDER_SHARE = 0.12  # plans that go to a random pose instead of a block


class ReachAndPush:
    """Plans a few poses at a time, and walks the joints there in held presses."""

    def __init__(self, rng: np.random.Generator, aspect: str) -> None:
        self._rng = rng
        self._tips = tip_table(aspect)
        self._targets: list[Pose] = []
        self._button = STAY
        self._hold = 0
        self._last_pose: Pose | None = None

    def __call__(self, body: ArmBody) -> int:
        """The next button for this body; never one that presses against a joint's limit."""
        if self._button != STAY and body.pose == self._last_pose:
            self._targets, self._hold = self._way_back(body.pose), 0  # jammed: give up this push
        self._last_pose = body.pose
        while self._targets and self._targets[0] == body.pose:
            self._targets.pop(0)
            self._hold = 0
            if not self._targets and self._rng.random() < 0.6:
                self._button, self._hold = STAY, int(self._rng.integers(*PAUSE))
        if self._hold == 0:
            while not self._targets:
                plan = self._plan(body)
                self._targets = [pose for pose in plan if pose != body.pose]
            self._button = self._choose(body.pose, self._targets[0])
            self._hold = int(self._rng.integers(*HOLD))
        elif self._button != STAY and not self._leads_on(body.pose):
            self._button = self._choose(body.pose, self._targets[0])
        self._hold -= 1
        return self._button

    def _way_back(self, pose: Pose) -> list[Pose]:
        """Where the joint that is jammed came from."""
        for _ in range(3):
            pose = pose.after(OPPOSITE[self._button]) or pose
        return [pose]

    def _leads_on(self, pose: Pose) -> bool:
        return self._button in self._useful(pose, self._targets[0])

    @staticmethod
    def _useful(pose: Pose, target: Pose) -> list[int]:
        buttons = []
        if target.shoulder != pose.shoulder:
            buttons.append(SHOULDER_LEFT if target.shoulder > pose.shoulder else SHOULDER_RIGHT)
        if target.elbow != pose.elbow:
            buttons.append(ELBOW_IN if target.elbow > pose.elbow else ELBOW_OUT)
        return buttons

    def _choose(self, pose: Pose, target: Pose) -> int:
        useful = self._useful(pose, target)
        return useful[int(self._rng.integers(len(useful)))]

    def _plan(self, body: ArmBody) -> list[Pose]:
        rng = self._rng
        if rng.random() >= WANDER_SHARE:
            for index in rng.permutation(len(body.blocks)):
                side = 1 if rng.random() < 0.5 else -1
                for way in (side, -side):
                    if plan := self._push_plan(body, body.blocks[index], way):
                        return plan
        return [Pose(int(rng.integers(SHOULDER_STOPS)), int(rng.integers(ELBOW_STOPS)))]

    def _push_plan(self, body: ArmBody, block: tuple[float, float], side: int) -> list[Pose]:
        """Poses that fold the arm, stand beside the block and sweep over it; none if out of reach.

        Side 1 stands to the left of the block and pushes right, side -1 the other way round.
        """
        rng = self._rng
        angle, radius = math.atan2(block[1], block[0]), math.hypot(*block)
        clearance = (BLOCK_RADIUS + TIP_RADIUS + 1.5) / max(radius, 1.0)
        wanted = angle + side * clearance
        radius += HOOK
        beside, miss = self._nearest(radius * math.cos(wanted), radius * math.sin(wanted))
        end = beside.shoulder - side * int(rng.integers(4, 9))
        end = min(SHOULDER_STOPS - 1, max(0, end))
        if miss > MISS_ALLOWED or abs(end - beside.shoulder) < 2:
            return []
        sweep = Pose(end, beside.elbow)
        tip = self._tips[body.pose.shoulder, body.pose.elbow]
        is_beside = math.dist(tip, self._tips[beside.shoulder, beside.elbow]) < 2 * BLOCK_RADIUS
        if is_beside and (beside.shoulder - body.pose.shoulder) * side <= 0:
            return [sweep]
        folded = min(ELBOW_STOPS - 1, beside.elbow + int(rng.integers(1, 4)))
        return [
            Pose(body.pose.shoulder, max(folded, body.pose.elbow)),
            Pose(beside.shoulder, folded),
            beside,
            sweep,
        ]

    def _nearest(self, across: float, near: float) -> tuple[Pose, float]:
        distance = np.hypot(self._tips[..., 0] - across, self._tips[..., 1] - near)
        shoulder, elbow = divmod(int(distance.argmin()), ELBOW_STOPS)
        return Pose(shoulder, elbow), float(distance[shoulder, elbow])
