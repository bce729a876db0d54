"""Real projects from the package index: pinned source archives, made into git repositories.

Downloads and checkouts live under `target/real`; nothing of them is ever committed.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

HERE = pathlib.Path(__file__).resolve().parent
WORK = HERE.parent.parent / "target" / "real"
IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


class Failed(Exception):
    """A check that did not hold, in one sentence."""


def run(*command, cwd, expect=0, talk=False, **environment):
    """Runs a program, and returns its standard output; with `talk` its standard error, too."""
    command = [str(word) for word in command]
    environment = {**os.environ, **IDENTITY, **environment}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=900
    )
    if expect is not None and done.returncode != expect:
        said = (done.stdout + done.stderr)[-4000:]
        raise Failed(f"`{' '.join(command)}` gave {done.returncode}, not {expect}\n{said}")
    return done.stdout + done.stderr if talk else done.stdout


def fetch(project, place=WORK):
    """Returns the folder with the unpacked source archive, below `place`."""
    title = f"{re.sub('[-.]', '_', project['name'])}-{project['version']}"
    folder = place / title
    downloads = WORK / "downloads"
    if not any(downloads.glob(f"{title}.tar.gz")):
        asked = f"{project['name']}=={project['version']}"
        options = ["--quiet", "--no-binary", ":all:", "--no-deps", "--dest", downloads]
        run(sys.executable, "-m", "pip", "download", *options, asked, cwd=HERE)
    archive = downloads / f"{title}.tar.gz"
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != project["sha256"]:
        archive.unlink()
        raise Failed(f"{archive.name} has sha256 {found}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tarfile.open(archive) as archived:
        archived.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    return unpacked


def commit(folder):
    """Makes a git repository of a folder."""
    run("git", "init", "--quiet", "--initial-branch=main", cwd=folder)
    run("git", "add", "--all", "--force", cwd=folder)
    run("git", "commit", "--quiet", "--message", "As released", cwd=folder)


def environment(project):
    """Returns the Python of a virtual environment that has what the suite needs."""
    wanted = "\n".join(project["needs"])
    folder = WORK / f"environment-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        run(sys.executable, "-m", "venv", folder, cwd=HERE)
        run(python, "-m", "pip", "install", "--quiet", *project["needs"], cwd=HERE)
        (folder / "complete").touch()
    return python
