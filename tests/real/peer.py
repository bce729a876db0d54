"""Carries out one move with rope, in the current folder; runs in an environment that has rope.

    python peer.py ROOT[,ROOT...] KIND FROM TO [SYMBOL OFFSET]
"""

import os
import sys

from rope.base.project import Project
from rope.refactor.move import MoveGlobal, MoveModule
from rope.refactor.rename import Rename


def package(path):
    """Makes a folder a package, and all that are missing above it."""
    if os.path.isdir(path):
        return
    above = os.path.dirname(path)
    if above:
        package(above)
    os.mkdir(path)
    if not above or os.path.exists(f"{above}/__init__.py"):
        open(f"{path}/__init__.py", "w").close()


def move(project, old, new):
    """Moves a module or a package to a folder, and then gives it its new name."""
    above = os.path.dirname(new)
    if os.path.dirname(old) != above:
        if above:
            package(above)
        target = project.get_resource(above) if above else project.root
        project.do(MoveModule(project, project.get_resource(old)).get_changes(target))
        old = f"{above}/{os.path.basename(old)}".lstrip("/")
    if old != new:
        name = os.path.basename(new).removesuffix(".py")
        project.do(Rename(project, project.get_resource(old)).get_changes(name))


def main():
    roots, kind, old, new, *symbol = sys.argv[1:]
    folders = [root for root in roots.split(",") if root != "."]
    project = Project(".", ropefolder=None, source_folders=folders)
    if kind == "symbol":
        if not os.path.exists(new):
            open(new, "w").close()
        mover = MoveGlobal(project, project.get_resource(old), int(symbol[1]))
        project.do(mover.get_changes(project.get_resource(new)))
    elif kind == "fold":
        for name in sorted(os.listdir(old)):
            if name.endswith(".py") and name != "__init__.py" or os.path.isdir(f"{old}/{name}"):
                move(project, f"{old}/{name}", f"{new}/{name}")
    else:
        move(project, old, new)
    project.close()


main()
