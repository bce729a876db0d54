"""Runs imports as Python runs them, each in a process of its own; what it says is the truth.

    python truth.py PRELUDE ROOT...        # in the tree

PRELUDE is a program that is run once, and may fail; the roots are put first on `sys.path`.

Reads one request a line (JSON) and answers each with one line:

    {"how": "statement", "file", "line", "text", "name", "package"}   as if it stood there
    {"how": "module", "name"}                                         import it
    {"how": "script", "file"}                                         start it
    {"how": "test", "file"}                                           collect it as pytest does

    {"how": "loaded"}                          the names of modules that come from elsewhere

    {"works", "error", "missing", "blame"}

`missing` tells whether it failed for an import, and `blame` is the place in the tree, [file, line],
that failed in the end: the statement itself, or one that it led to.
"""

import importlib
import json
import os
import runpy
import signal
import sys

LONGEST = 20


def collected(file):
    """Does what pytest does before it imports a test, in mode `prepend`; returns the module's name."""
    parts = file.split("/")
    for depth in range(len(parts)):
        conftest = "/".join([*parts[:depth], "conftest.py"])
        if os.path.exists(conftest) and parts[-1] != "conftest.py":
            collected(conftest)
            runpy.run_path(os.path.abspath(conftest))
    # The first folder upward that is no package goes on the path.
    folder, name = os.path.split(file.removesuffix(".py"))
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        name = f"{package}.{name}"
    sys.path.insert(0, os.path.join(os.getcwd(), folder))
    return name


def perform(request):
    how = request["how"]
    if how == "module":
        importlib.import_module(request["name"])
    elif how == "test":
        importlib.import_module(collected(request["file"]))
    elif how == "script":
        sys.argv = [request["file"]]
        sys.path.insert(0, os.path.join(os.getcwd(), os.path.dirname(request["file"])))
        runpy.run_path(os.path.join(os.getcwd(), request["file"]), run_name="__main__")
    else:
        # The tree's own lines stay before it, so that tracebacks name the place.
        text = "\n" * (request["line"] - 1) + request["text"]
        file = os.path.join(os.getcwd(), request["file"])
        scope = {"__name__": request["name"], "__package__": request["package"], "__file__": file}
        exec(compile(text, file, "exec"), scope)


def blamed(error):
    """Returns the innermost place in the tree that the error went through."""
    place = None
    trace = error.__traceback__
    while trace:
        file = os.path.relpath(os.path.realpath(trace.tb_frame.f_code.co_filename))
        if not file.startswith(os.pardir) and os.path.isfile(file):
            place = [file, trace.tb_lineno]
        trace = trace.tb_next
    return place


def loaded():
    """Returns the names of the modules that do not come from the tree."""
    inside = os.getcwd() + os.sep
    modules = dict(sys.modules).items()
    return [name for name, it in modules if not str(getattr(it, "__file__", "")).startswith(inside)]


def answer(request):
    if request["how"] == "loaded":
        return {"names": loaded()}
    try:
        perform(request)
    except BaseException as error:
        if isinstance(error, SystemExit) and request["how"] == "script" and not error.code:
            return {"works": True}
        said = f"{type(error).__name__}: {error}"
        missing = isinstance(error, ImportError)
        return {"works": False, "error": said, "missing": missing, "blame": blamed(error)}
    return {"works": True}


def main(prelude, *roots):
    out = os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    # The folder of this file is no part of the tree's path.
    sys.path[:1] = [os.path.join(os.getcwd(), root) for root in roots]
    try:
        exec(prelude, {"__name__": "prelude"})
    except Exception:
        pass
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            signal.alarm(LONGEST)
            os.close(reader)
            with os.fdopen(writer, "w") as pipe:
                pipe.write(json.dumps(answer(json.loads(line))))
                pipe.flush()
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
        unknown = {"works": False, "error": "no answer", "missing": False, "blame": None}
        out.write((said or json.dumps(unknown)) + "\n")
        out.flush()


main(*sys.argv[1:])
