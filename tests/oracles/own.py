"""Says where the paths lead that a file computes from its own place, as Python computes them.

Each line of the input is `[path of the file, its source]`; each line of the output is the list of
the places that it put into `out`, counted from the root.
"""

import json
import os
import sys

ROOT = "/far/below/the/root/"

for line in sys.stdin:
    path, source = json.loads(line)
    space = {"__file__": ROOT + path, "out": []}
    exec(source, space)
    print(json.dumps([os.path.relpath(str(it), ROOT) for it in space["out"]]))
