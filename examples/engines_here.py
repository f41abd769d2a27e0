"""What each engine can do, which models are on this machine, and a take by the best of them."""

from __future__ import annotations

from playreel import Studio
from playreel.studio.engines import layout_of, models_here, table_of_engines

for engine in table_of_engines():
    refused = [name for name, how in engine["operations"].items() if how["level"] == "refused"]
    print(f"{engine['name']}: {engine['title']}. Cannot: {', '.join(refused) or 'nothing'}.")
fits = {row["model"] for row in layout_of("ltx") if row["rung"]}
here = [m["model"] for m in models_here() if not m["faults"] and m["model"] in fits]
studio = Studio("engines-here", engine=here[0] if here else "bundled")
take = studio.shoot("an orange fox in a green meadow", seconds=1, seed=1)
print(f"made by {take.recipe.engine}: {take.save('engines_here.mp4', scale=4)}")
