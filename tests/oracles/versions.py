"""What Python's `packaging` says of version specifiers: each line of stdin is `one<tab>two`.

can_be: a version that is like one of those that are named satisfies both.
within: each of these that satisfies the first satisfies the second, too.
Null where `packaging` is not at hand, or does not know the specifiers.
"""

import functools
import json
import re
import sys

try:
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version
except ImportError:
    try:
        from pip._vendor.packaging.specifiers import SpecifierSet
        from pip._vendor.packaging.version import Version
    except ImportError:
        SpecifierSet = None


@functools.cache
def version_of(text):
    try:
        return Version(text)
    except ValueError:
        return None


def near(text):
    """Returns many versions around those that a text names."""
    found = {"0.dev0", "0", "9"}
    for version in re.findall(r"(?:===|[=!<>~]=|<|>)([^,\s]+)", text):
        version = version.strip().removesuffix(".*")
        public = version.split("+")[0]
        final = Version(public).base_version
        numbers = final.split("!")[-1].split(".")
        epoch = final[: -len(".".join(numbers))]
        for end in range(1, len(numbers) + 1):
            for step in (-1, 0, 1):
                for tail in ([], ["0", "0", "0", "1"]):
                    head = numbers[: end - 1] + [str(max(0, int(numbers[end - 1]) + step))]
                    found.add(epoch + ".".join(head + tail))
        found |= {version, public, final}
    more = {"1.0a1.dev1", "1.0a1.dev2", "1.0rc1.post1", "1.0rc1.post2"}
    for version in found:
        if "+" in version:
            more.add(version)
            continue
        plain = not re.search(r"[a-z]", version)
        tails = ["", "+x", ".post1", ".post1.dev1", ".post2", ".dev0", ".dev1", ".dev2"]
        pre = ["a0", "a1", "a2", "b1", "rc1", "rc1.post1", "rc2", "a1.dev0"]
        more |= {version + tail for tail in tails + (pre if plain else [])}
    return [it for it in map(version_of, more) if it]


for line in sys.stdin:
    answer = None
    if SpecifierSet:
        try:
            one, two = (SpecifierSet(it) for it in line.rstrip("\n").split("\t"))
            versions = near(line)
            allowed = [it for it in versions if one.contains(it, prereleases=True)]
            both = [it for it in allowed if two.contains(it, prereleases=True)]
            answer = {"can_be": bool(both), "within": len(both) == len(allowed)}
        except ValueError:
            pass
    print(json.dumps(answer))
