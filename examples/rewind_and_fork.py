"""The same moment played in two ways, and what each button would do."""

from __future__ import annotations

from playreel import Studio
from playreel.media import contact_sheet

studio = Studio("rewind-and-fork")
world = studio.world(prompt="a robot in a city at night", seed=1)
world.play("right*12")
would = world.preview(num_frames=6)
rows = [(f"if {button} were pressed now", clip) for button, clip in would.items()]
other = world.fork(at=6)
world.play("jump-right*8")
other.play("left*8")
rows += [("one way", world.capture(6)), ("the other way", other.capture(6))]
print(contact_sheet(rows, "rewind_and_fork.png", title="One moment, two ways"))
