"""What the answers of all `probe inspect` calls have in common."""


def to_json(text: str) -> str:
    """Bytes that are not UTF-8 as U+FFFD, one each, as Go writes them into JSON."""
    return "".join("\ufffd" if "\udc80" <= char <= "\udcff" else char for char in text)
