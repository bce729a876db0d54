#!/usr/bin/env python3
"""Draws the moves of `moves.toml`: what moves, and to where, is chosen by a seed, not by hand.

    tests/real/draw.py > tests/real/moves.toml

Of each project of `projects.toml` that names its `packages`: a module, a package, a definition, and
two packages to fold into one, where there are such. The list was drawn once, before the first run;
what overhaul could not do was not drawn again. `differ`, `refused` and `because` were added since.
"""

import ast
import json
import pathlib
import random
import re
import sys
import tomllib

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20261122

# Names of new folders and modules; none of the projects, and no module of Python, has one of them.
WORDS = ["inner", "parts", "shelf", "depot", "kernel", "cabin", "harbour", "lantern"]


class Source:
    """The Python files of a project that may move, in order."""

    def __init__(self, folder, project):
        self.folder = folder
        found = set()
        for package in project["packages"]:
            found |= {path.relative_to(folder).as_posix() for path in (folder / package).rglob("*.py")}
        skipped = re.compile(r"(^|/)(tests?|testing|__main__\.py|conftest\.py|_?version\.py)(/|$)")
        self.files = sorted(path for path in found if not skipped.search(path))
        self.modules = [path for path in self.files if not path.endswith("__init__.py")]
        packages = [parent(path) for path in self.files if path.endswith("/__init__.py")]
        inner = [path for path in packages if path not in project["packages"]]
        self.packages = packages
        # A project of one package can only move that.
        self.movable = inner or packages

    def tree(self, path):
        return ast.parse((self.folder / path).read_bytes())

    def free(self, path):
        return not (self.folder / path).exists() and not (self.folder / f"{path}.py").exists()

    def children(self, package):
        """Returns the names of what stands directly in a package, its `__init__.py` aside."""
        names = {path.name for path in (self.folder / package).iterdir()}
        return {name for name in names if name not in ("__init__.py", "__pycache__")}


def parent(path):
    return path.rpartition("/")[0]


def word(source, folder, chance):
    """Returns a name that nothing in a folder has."""
    return chance.choice([it for it in WORDS if source.free(f"{folder}/{it}")])


def draw_module(source, chance):
    if not source.modules:
        return None
    path = chance.choice(source.modules)
    folder, _, name = path.rpartition("/")
    others = [it for it in source.packages if it != folder and source.free(f"{it}/{name[:-3]}")]
    way = chance.choice(["folder", "name", "other"])
    if way == "other" and others:
        to = f"{chance.choice(others)}/{name}"
    elif way == "name":
        to = f"{folder}/{word(source, folder, chance)}.py"
    else:
        to = f"{folder}/{word(source, folder, chance)}/{name}"
    return {"kind": "module", "from": path, "to": to}


def draw_package(source, chance):
    path = chance.choice(source.movable)
    folder, _, name = path.rpartition("/")
    others = [
        it
        for it in source.packages
        if it != folder and not f"{it}/".startswith(f"{path}/") and source.free(f"{it}/{name}")
    ]
    way = chance.choice(["folder", "name", "other"])
    if way == "other" and others:
        to = f"{chance.choice(others)}/{name}"
    elif way == "name":
        to = f"{folder}/{word(source, folder, chance)}".lstrip("/")
    else:
        to = f"{folder}/{word(source, folder, chance)}/{name}".lstrip("/")
    return {"kind": "package", "from": path, "to": to}


def definitions(tree):
    """Returns the names that a module defines once, at its top level, by `def`, `class` or `=`."""
    names = []
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(statement.name)
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            if isinstance(statement.targets[0], ast.Name):
                names.append(statement.targets[0].id)
    stored = [it.id for it in ast.walk(tree) if isinstance(it, ast.Name) and isinstance(it.ctx, ast.Store)]
    once = [name for name in names if names.count(name) == 1 and stored.count(name) <= 1]
    return sorted(name for name in once if not name.startswith("__"))


def draw_symbol(source, chance):
    offered = {path: definitions(source.tree(path)) for path in source.modules}
    offered = {path: names for path, names in offered.items() if names}
    if not offered:
        return None
    path = chance.choice(list(offered))
    name = chance.choice(offered[path])
    folder = parent(path)
    beside = [it for it in source.modules if parent(it) == folder and it != path]
    if chance.choice(["new", "beside"]) == "beside" and beside:
        to = chance.choice(beside)
    else:
        to = f"{folder}/{word(source, folder, chance)}.py"
    return {"kind": "symbol", "from": path, "to": to, "symbol": name}


def yields(tree):
    """Tells whether an `__init__.py` only says and imports something."""
    return all(
        isinstance(it, ast.ImportFrom) or isinstance(it, ast.Expr) and isinstance(it.value, ast.Constant)
        for it in tree.body
    )


def draw_fold(source, chance):
    """Draws two packages with no file of one name, of which one `__init__.py` says little."""
    quiet = {it: yields(source.tree(f"{it}/__init__.py")) for it in source.packages}
    pairs = [
        (one, other)
        for one in source.movable
        for other in source.packages
        if quiet[one]
        and not f"{one}/".startswith(f"{other}/")
        and not f"{other}/".startswith(f"{one}/")
        and not source.children(one) & source.children(other)
    ]
    if not pairs:
        return None
    one, other = chance.choice(pairs)
    return {"kind": "fold", "from": one, "to": other}


KINDS = {"module": draw_module, "package": draw_package, "symbol": draw_symbol, "fold": draw_fold}


def draw(source, project, kind, seed):
    """Draws a move of a kind, or `None` where a project has no such."""
    return KINDS[kind](source, random.Random(f"{seed} {project['name']} {kind}"))


def main():
    from archives import fetch

    print(f"# Drawn by `draw.py` with the seed {SEED}, before the first run; none was drawn again.")
    for project in tomllib.loads((HERE / "projects.toml").read_text())["project"]:
        if "packages" not in project:
            continue
        source = Source(fetch(project), project)
        for kind in KINDS:
            move = draw(source, project, kind, SEED)
            if move:
                print(f"\n[[move]]\nproject = {json.dumps(project['name'])}")
                print("\n".join(f"{key} = {json.dumps(value)}" for key, value in move.items()))


if __name__ == "__main__":
    main()
