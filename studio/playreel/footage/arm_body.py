"""The arm's joints and the blocks on the table: exact positions and contact, no momentum.

Coordinates lie in the table plane with the arm's base at (0, 0): `across` grows to the right,
`near` towards the viewer. Angles are in degrees from right over near.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from playreel.footage.arm_look import STAGES, ArmStage

ARM_BUTTONS = ("stay", "shoulder-left", "shoulder-right", "elbow-in", "elbow-out")
STAY, SHOULDER_LEFT, SHOULDER_RIGHT, ELBOW_IN, ELBOW_OUT = range(5)
STEP_DEGREES = 8.0  # what one press turns a joint
SHOULDER_MIN, SHOULDER_STOPS = 20.0, 14  # 20 to 124 degrees
ELBOW_MIN, ELBOW_STOPS = 16.0, 12  # the forearm turns off the upper arm by 16 to 104 degrees
MOVES = {SHOULDER_LEFT: (1, 0), SHOULDER_RIGHT: (-1, 0), ELBOW_IN: (0, 1), ELBOW_OUT: (0, -1)}

UPPER_RADIUS, FORE_RADIUS, TIP_RADIUS, BASE_RADIUS, BLOCK_RADIUS = 3.2, 2.6, 3.4, 6.5, 5.0
SUBSTEPS = 3  # a press is swept in this many parts, so that the arm cannot jump over a block
FRICTION = 1.2  # how much a pushed block goes along with the arm instead of slipping off it
SETTLE_ROUNDS = 24
OVERLAP_ALLOWED = 0.4  # pixels; more after settling means that the arm is jammed
NEAR_MIN = 3.0

Point = tuple[float, float]


@dataclass(frozen=True)
class Pose:
    """Joint positions: each joint stands on one of its stops."""

    shoulder: int
    elbow: int

    def degrees(self) -> tuple[float, float]:
        """Angle of the shoulder, and of the forearm off the upper arm."""
        return SHOULDER_MIN + STEP_DEGREES * self.shoulder, ELBOW_MIN + STEP_DEGREES * self.elbow

    def after(self, button: int) -> Pose | None:
        """The pose one press on; None at a joint's limit."""
        if button == STAY:
            return self
        turn, bend = MOVES[button]
        shoulder, elbow = self.shoulder + turn, self.elbow + bend
        if 0 <= shoulder < SHOULDER_STOPS and 0 <= elbow < ELBOW_STOPS:
            return Pose(shoulder, elbow)
        return None


def joints(stage: ArmStage, shoulder: float, bend: float) -> tuple[Point, Point]:
    """Elbow and tip for two angles in degrees."""
    first, second = math.radians(shoulder), math.radians(shoulder + bend)
    elbow = stage.upper_length * math.cos(first), stage.upper_length * math.sin(first)
    return elbow, (
        elbow[0] + stage.fore_length * math.cos(second),
        elbow[1] + stage.fore_length * math.sin(second),
    )


@cache
def tip_table(aspect: str) -> np.ndarray:
    """Tip of every pose: float [SHOULDER_STOPS, ELBOW_STOPS, 2]."""
    stage = STAGES[aspect]
    return np.array(
        [
            [joints(stage, *Pose(shoulder, elbow).degrees())[1] for elbow in range(ELBOW_STOPS)]
            for shoulder in range(SHOULDER_STOPS)
        ]
    )


def closest_on_segment(point: Point, start: Point, end: Point) -> Point:
    """The point of a segment that lies closest to `point`."""
    across, near = end[0] - start[0], end[1] - start[1]
    along = (point[0] - start[0]) * across + (point[1] - start[1]) * near
    share = min(1.0, max(0.0, along / (across * across + near * near)))
    return start[0] + share * across, start[1] + share * near


class ArmBody:
    """A pose and the blocks' centres, moved by one press at a time."""

    def __init__(self, stage: ArmStage, pose: Pose, blocks: list[Point]) -> None:
        self.stage = stage
        self.pose = pose
        self.blocks = blocks

    def copy(self) -> ArmBody:
        """A body that can be moved by itself."""
        return ArmBody(self.stage, self.pose, list(self.blocks))

    def press(self, button: int) -> bool:
        """Turns a joint and moves what is in its way; returns whether the joint could turn."""
        after = self.pose.after(button)
        if after is None:
            return False
        if button == STAY:
            return True
        before = self.pose.degrees()
        target = after.degrees()
        if not self._may_touch(before) and not self._may_touch(target):
            self.pose = after
            return True
        blocks = list(self.blocks)
        for part in range(1, SUBSTEPS + 1):
            share = part / SUBSTEPS
            shoulder = before[0] + share * (target[0] - before[0])
            bend = before[1] + share * (target[1] - before[1])
            if not self._settle(shoulder, bend, button):
                self.blocks = blocks
                return False
        self.pose = after
        return True

    def overlap(self) -> float:
        """The deepest overlap in pixels of any two things on the table, 0 for none."""
        parts = self._parts(*self.pose.degrees())
        return max(0.0, self._deepest(parts))

    def _parts(self, shoulder: float, bend: float) -> list[tuple[Point, Point, float]]:
        elbow, tip = joints(self.stage, shoulder, bend)
        return [
            (elbow, tip, FORE_RADIUS),
            (tip, (tip[0] + 1e-6, tip[1]), TIP_RADIUS),
            ((0.0, 0.0), elbow, UPPER_RADIUS),
            ((0.0, 0.0), (1e-6, 0.0), BASE_RADIUS),
        ]

    def _may_touch(self, angles: tuple[float, float]) -> bool:
        elbow, tip = joints(self.stage, *angles)
        margin = (
            BLOCK_RADIUS + TIP_RADIUS + 4.0
        )  # 4: half of what the tip moves in a press, and more
        for block in self.blocks:
            for start, end in (((0.0, 0.0), elbow), (elbow, tip)):
                if math.dist(block, closest_on_segment(block, start, end)) < margin:
                    return True
        return False

    def _settle(self, shoulder: float, bend: float, button: int) -> bool:
        parts = self._parts(shoulder, bend)
        sense = 1 if button in (SHOULDER_LEFT, ELBOW_IN) else -1
        if button in (SHOULDER_LEFT, SHOULDER_RIGHT):
            pivot, num_turning = (0.0, 0.0), 3
        else:
            pivot, num_turning = parts[0][0], 2
        for turn in range(SETTLE_ROUNDS):
            grip = FRICTION if turn < SETTLE_ROUNDS // 3 else 0.0
            moved = self._push_out(parts, pivot, num_turning, sense * grip)
            moved |= self._part_blocks()
            moved |= self._keep_on_table()
            if not moved:
                return True
        return self._deepest(parts) <= OVERLAP_ALLOWED

    def _push_out(
        self,
        parts: list[tuple[Point, Point, float]],
        pivot: Point,
        num_turning: int,
        grip: float,
    ) -> bool:
        """Moves blocks out of the arm: along the contact's normal, dragged by the arm's turn.

        Args:
            parts: Capsules (start, end, radius); the first `num_turning` turn.
            pivot: The joint they turn about.
            num_turning: How many parts turn.
            grip: Friction, signed by the sense of the turn; 0 pushes along the normal alone.
        """
        moved = False
        for index, block in enumerate(self.blocks):
            for part, (start, end, radius) in enumerate(parts):
                contact = closest_on_segment(block, start, end)
                distance = math.dist(block, contact)
                depth = radius + BLOCK_RADIUS - distance
                if depth <= 0:
                    continue
                if distance < 1e-6:
                    block, distance = (block[0], block[1] + 0.01), 0.01
                across = (block[0] - contact[0]) / distance
                near = (block[1] - contact[1]) / distance
                if grip and part < num_turning:
                    arm_across, arm_near = contact[0] - pivot[0], contact[1] - pivot[1]
                    lever = max(math.hypot(arm_across, arm_near), 1e-6)
                    drag_across, drag_near = -arm_near / lever * grip, arm_across / lever * grip
                    along = drag_across * across + drag_near * near
                    if along > 0:
                        across, near = across + drag_across, near + drag_near
                        across, near = across / (1 + along), near / (1 + along)
                block = block[0] + across * depth, block[1] + near * depth
                self.blocks[index] = block
                moved = True
        return moved

    def _part_blocks(self) -> bool:
        moved = False
        for first in range(len(self.blocks)):
            for second in range(first + 1, len(self.blocks)):
                here, there = self.blocks[first], self.blocks[second]
                distance = math.dist(here, there)
                if distance >= 2 * BLOCK_RADIUS:
                    continue
                share = (BLOCK_RADIUS - distance / 2) / max(distance, 1e-6)
                across, near = (there[0] - here[0]) * share, (there[1] - here[1]) * share
                self.blocks[first] = here[0] - across, here[1] - near
                self.blocks[second] = there[0] + across, there[1] + near
                moved = True
        return moved

    def _keep_on_table(self) -> bool:
        moved = False
        reach = self.stage.reach_across
        for index, (across, near) in enumerate(self.blocks):
            kept = min(reach, max(-reach, across)), min(self.stage.reach_near, max(NEAR_MIN, near))
            if kept != (across, near):
                self.blocks[index] = kept
                moved = True
        return moved

    def _deepest(self, parts: list[tuple[Point, Point, float]]) -> float:
        depths = [
            radius + BLOCK_RADIUS - math.dist(block, closest_on_segment(block, start, end))
            for block in self.blocks
            for start, end, radius in parts
        ]
        depths += [
            2 * BLOCK_RADIUS - math.dist(here, there)
            for index, here in enumerate(self.blocks)
            for there in self.blocks[index + 1 :]
        ]
        return max(depths, default=0.0)


def sample_body(stage: ArmStage, num_blocks: int, rng: np.random.Generator) -> ArmBody:
    """A random pose with blocks in reach that touch nothing."""
    pose = Pose(int(rng.integers(2, SHOULDER_STOPS - 2)), int(rng.integers(2, ELBOW_STOPS - 2)))
    body = ArmBody(stage, pose, [])
    longest = stage.upper_length + stage.fore_length
    while len(body.blocks) < num_blocks:
        angle = math.radians(rng.uniform(38, 142))
        radius = rng.uniform(0.66, 0.98) * longest
        body.blocks.append((radius * math.cos(angle), radius * math.sin(angle)))
        if body.overlap() > 0 or body._keep_on_table():
            body.blocks.pop()
    return body
