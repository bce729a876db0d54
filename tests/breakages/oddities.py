"""Code that is odd and works, put into a tree: nothing of it may be reported.

`oddities.txt` has the templates. A line `## name` starts one; `#- path` starts a file of it, and the
first file is the one that is run: imported; started, where the path ends in `!`; or collected by
pytest, where it ends in `?`. `#- path = _bisect` is that compiled module of CPython.

`$p` is a package of the tree, `$d` its dotted name; `$a $b $c` and `$x $y $z` are fresh names.
"""

import dataclasses
import importlib.util
import pathlib
import re

FRESH = "able baker charlie dog easy fox george how item jig king love mike nan oboe peter queen".split()


@dataclasses.dataclass
class Oddity:
    """One oddity in its place."""

    name: str
    main: str
    how: str
    files: dict

    def request(self, module_of):
        """Returns what `truth.py` is to be asked."""
        if self.how == "module":
            return {"how": self.how, "name": module_of(self.main)}
        return {"how": self.how, "file": self.main}


def templates(path):
    """Returns (name, [(path, text)]) of each template."""
    for part in re.split(r"^## ", pathlib.Path(path).read_text(), flags=re.M)[1:]:
        name, _, rest = part.partition("\n")
        rows = [it.partition("\n") for it in re.split(r"^#- ", rest, flags=re.M)[1:]]
        yield name, [(head, text) for head, _, text in rows]


def compiled(name):
    origin = pathlib.Path(importlib.util.find_spec(name).origin)
    return origin.name, origin.read_bytes()


def place(name, rows, package, dotted, number, chance):
    """Puts one template into a package."""
    words = chance.sample(FRESH, 6)
    fresh = {key: f"odd_{word}{number}" for key, word in zip("abcxyz", words)}
    fresh |= {"p": package, "d": dotted}

    def fill(text):
        return re.sub(r"\$([abcdpxyz])", lambda it: fresh[it[1]], text)

    files, main, how = {}, None, "module"
    for head, text in rows:
        path, _, extension = fill(head).partition(" = ")
        kind = {"!": "script", "?": "test"}.get(path[-1])
        path = path.rstrip("!?")
        if extension:
            file, content = compiled(extension)
            files[f"{path}/{file}"] = content
            continue
        files[path] = fill(text)
        if main is None:
            main, how = path, kind or "module"
    return Oddity(name, main, how, files)


def oddities(path, packages, chance, count):
    """Puts each template into `count` packages, given as (folder, dotted name)."""
    number = 0
    for name, rows in templates(path):
        for _ in range(count):
            number += 1
            yield place(name, rows, *chance.choice(packages), number, chance)
