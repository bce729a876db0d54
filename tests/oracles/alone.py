"""Which modules can be imported alone: each into a Python that has none of the others.

One JSON line per tree: {"root": folder, "modules": {id: dotted name}}; the answer holds for each id
the error as a string, or a list of the modules in which a handler caught one.
"""

import builtins
import importlib
import json
import sys

sys.dont_write_bytecode = True
OWN = set(sys.modules)


def alone(name):
    for other in set(sys.modules) - OWN:
        if other.partition(".")[0] in TOPS:
            del sys.modules[other]
    builtins.LOST = set()
    try:
        importlib.import_module(name)
        return sorted(builtins.LOST)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


for line in sys.stdin:
    case = json.loads(line)
    TOPS = {name.partition(".")[0] for name in case["modules"].values()}
    sys.path.insert(0, case["root"])
    importlib.invalidate_caches()
    print(json.dumps({key: alone(name) for key, name in case["modules"].items()}))
    sys.path.remove(case["root"])
    for name in set(sys.modules) - OWN:
        if name.partition(".")[0] in TOPS:
            del sys.modules[name]
