"""Paths by the rules of Go's path/filepath on Unix, which differ from Python's in a few corners."""

PATH_MAX = 4096  # limits.h
_MAX_ENTRIES = 1000


def clean(path: str) -> str:
    """The shortest spelling of *path*, worked out from its text alone (filepath.Clean)."""
    rooted = path[:1] == "/"
    if rooted and "/." not in path and "//" not in path and path[1:][-1:] != "/":
        return path
    kept: list[str] = []
    for element in path.split("/"):
        if element == ".." and (rooted or kept) and kept[-1:] != [".."]:
            del kept[-1:]
        elif element not in ("", "."):
            kept.append(element)
    return "/" + "/".join(kept) if rooted else "/".join(kept) or "."


def join(*elements: str) -> str:
    """The elements with "/" between them, cleaned; empty ones do not count (filepath.Join)."""
    filled = [element for element in elements if element]
    return clean("/".join(filled)) if filled else ""


def split_list(path: str) -> list[str]:
    """The entries of a list like PATH; of an empty text, none (filepath.SplitList)."""
    return path.split(":") if path else []


def search_path(path: str) -> list[str]:
    """The entries of a list like PATH that need to be looked into: each once, and a thousand at most."""
    return list(dict.fromkeys(split_list(path)))[:_MAX_ENTRIES]


def parents(path: str) -> list[str]:
    """*path* itself, cleaned, and all directories above it, nearest first; none of a path beyond PATH_MAX."""
    found = [clean(path)]
    while len(found[0]) < PATH_MAX and (above := _directory(found[-1])) != found[-1]:
        found.append(above)
    return found


def _directory(cleaned: str) -> str:
    above, slash, _ = cleaned.rpartition("/")
    return above or slash or "."
