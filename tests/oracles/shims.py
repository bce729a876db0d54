"""What shims hand on, each asked in a process of its own.

One JSON line per tree: {"root": folder, "modules": {old: new}}; the answer holds for each old name of
a module what is wrong with it, as a list, or null where the new one cannot be imported either.
"""

import importlib
import json
import os
import sys
import warnings

sys.dont_write_bytecode = True

# What a module has of itself, whatever it hands on.
OWN = {
    "__annotations__", "__builtins__", "__cached__", "__dir__", "__doc__", "__file__", "__getattr__",
    "__loader__", "__name__", "__package__", "__path__", "__spec__", "__warningregistry__",
}


def starred(name, new):
    """Returns what a star import takes; a submodule that it imports by the old name is a shim, too."""
    names = {}
    exec(f"from {name} import *", names)
    for own in "__builtins__", "__warningregistry__":
        names.pop(own, None)
    for key, value in names.items():
        modules = [sys.modules.get(f"{it}.{key}") for it in (name, new)]
        names[key] = f"{new}.{key}" if any(value is it for it in modules) else id(value)
    return names


def asked(old, name):
    """Returns what is imported, and the warning that it takes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scope = {}
        exec(f"from {old} import {name} as it", scope)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        try:
            exec(f"from {old} import {name}", {})
        except DeprecationWarning as warning:
            return scope["it"], str(warning)
    return scope["it"], ""


def faults(root, old, new):
    sys.path.insert(0, root)
    warnings.simplefilter("ignore")
    try:
        there = importlib.import_module(new)
    except Exception:
        return None
    found = []
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*is now")
        here = importlib.import_module(old)
    if here is there or here.__name__ != old:
        found.append(f"{old} is no module of its own")
    for name in set(dir(there)) - OWN:
        value, warning = asked(old, name)
        if value is not getattr(there, name):
            found.append(f"{name} is another object")
        if old not in warning or f"`{new}`" not in warning or "2.0" not in warning:
            found.append(f"{name} warns {warning!r}")
    if starred(old, new) != starred(new, new):
        found.append("the star takes other names")
    if dir(here) != dir(there):
        found.append("dir() differs")
    there.__warningregistry__ = {}
    if hasattr(here, "no_such_name") or hasattr(here, "__warningregistry__"):
        found.append("makes names up")
    return found


for line in sys.stdin:
    case = json.loads(line)
    answer = {}
    for old, new in case["modules"].items():
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                said = faults(case["root"], old, new)
            except BaseException as error:
                said = [f"{type(error).__name__}: {error}"]
            with os.fdopen(writing, "w") as pipe:
                json.dump(said, pipe)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            answer[old] = json.load(pipe)
        os.waitpid(child, 0)
    print(json.dumps(answer))
