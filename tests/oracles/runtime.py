"""What Python really has in the modules that are named on stdin (`path<tab>module`), once imported.

names: the module's namespace, without what Python puts into every module, submodules, and what a
       `from … import *` brought.
all:   `__all__`, or null. Modules that cannot be imported from there are left out.
"""

import ast
import importlib.util
import io
import json
import sys
import types
import warnings

IMPLICIT = {
    *vars(types.ModuleType("x")),
    *("__annotations__", "__builtins__", "__cached__", "__file__", "__path__", "__warningregistry__"),
}


def public(module):
    return getattr(module, "__all__", None) or [it for it in vars(module) if it[0] != "_"]


def starred(path, module):
    package = module.__name__ if hasattr(module, "__path__") else module.__package__
    with open(path, "rb") as file:
        tree = ast.parse(file.read())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            name = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            if name in sys.modules:
                yield from public(sys.modules[name])


def is_submodule(module, name, value):
    return isinstance(value, types.ModuleType) and value.__name__ == f"{module.__name__}.{name}"


def facts(path, name):
    module = importlib.import_module(name)
    if module.__file__ != path:  # setuptools puts its own distutils in place
        raise ImportError(name)
    names = {it for it, value in vars(module).items() if not is_submodule(module, it, value)}
    names -= IMPLICIT | set(starred(path, module))
    exported = getattr(module, "__all__", None)
    return {"names": sorted(names), "all": exported if exported is None else sorted(exported)}


warnings.simplefilter("ignore")
out, sys.stdout = sys.stdout, io.StringIO()
for line in sys.stdin:
    path, name = line.rstrip("\n").split("\t")
    try:
        answer = {"path": path, **facts(path, name)}
    except BaseException:
        continue
    print(json.dumps(answer), file=out)
