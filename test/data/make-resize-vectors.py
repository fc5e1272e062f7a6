"""Makes resize-vectors.json: Pillow's bilinear resize of seeded images, to compare src/data/resize.ts with. Needs Pillow, numpy."""
import json
import os

import numpy as np
from PIL import Image

cases = []
for seed, (h, w, c), (oh, ow) in [
    (1, (7, 5, 3), (4, 9)),
    (2, (16, 16, 3), (5, 5)),
    (3, (3, 4, 1), (8, 7)),
    (4, (40, 23, 3), (11, 23)),
    (5, (9, 9, 1), (1, 1)),
]:
    x = np.random.default_rng(seed).integers(0, 256, (h, w, c), dtype=np.uint8)
    image = Image.fromarray(x if c == 3 else x[:, :, 0])
    y = np.asarray(image.resize((ow, oh), Image.Resampling.BILINEAR)).reshape(oh, ow, c)
    cases.append({"from": [h, w, c], "to": [oh, ow], "x": x.ravel().tolist(), "y": y.ravel().tolist()})
with open(os.path.join(os.path.dirname(__file__), "resize-vectors.json"), "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
