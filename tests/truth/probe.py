# Runs each probe named on standard input in a process of its own, and prints a line for each:
# empty where all is well, else what Python says.
import os, runpy, sys

here = os.getcwd()


def run(how, file):
    folder, name = os.path.split(file)
    if how == "started":
        sys.path.insert(0, os.path.join(here, folder))
        return runpy.run_path(os.path.join(here, file), run_name="__main__")
    sys.path.insert(0, here)
    module = name[:-3]
    # pytest, mode `prepend`: the first folder upward that is no package.
    while how == "tested" and os.path.exists(os.path.join(here, folder, "__init__.py")):
        folder, package = os.path.split(folder)
        module = package + "." + module
    if how == "tested":
        sys.path.insert(0, os.path.join(here, folder))
    elif folder:
        module = folder.replace("/", ".") + "." + module
    __import__(module)


for row in sys.stdin.read().splitlines():
    how, file = row.split(" ", 1)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = ""
        try:
            run(how, file)
        except BaseException as error:
            said = f"{type(error).__name__}: {error}".replace("\n", " ")
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    print(os.read(reader, 65536).decode())
    os.close(reader)
