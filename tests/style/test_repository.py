"""What no file of the repository may hold."""

import re

from tests.style.source import ROOT, none_of, repository_files

# Spelt in parts, so that this file holds none of them.
REGISTRIES = [".".join(parts) for parts in (
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("yarnpkg", "com"), ("golang", "org"), ("crates", "io"),
    ("docker", "io"), ("ghcr", "io"), ("quay", "io"), ("rubygems", "org"), ("anaconda", "org"), ("debian", "org"),
    ("ubuntu", "com"), ("maven", "org"), ("huggingface", "co"), ("githubusercontent", "com"),
)]  # fmt: skip
DOWNLOAD = re.compile(r"https?://[^\s\"')>]+\.(whl|zip|tgz|tar\.\w+|gz|deb|rpm|exe|dmg|pkg|sh|jar)\b")
INDEX_OPTION = re.compile(r"--(extra-)?index-url|--find-links|--hash=")


def readable():
    for path in repository_files():
        content = path.read_bytes()
        if b"\0" not in content:
            yield path, content.decode(errors="replace")


def test_no_file_names_a_registry():
    none_of(f"{path}: {host}" for path, text in readable() for host in REGISTRIES if host in text)


def test_no_file_holds_a_download_address():
    own = ROOT / "tests" / "style" / "test_repository.py"
    none_of(
        f"{path}: {match[0]}"
        for path, text in readable()
        if path != own
        for match in (DOWNLOAD.search(text), INDEX_OPTION.search(text))
        if match
    )


def test_nothing_is_left_to_do():
    """An open end belongs into an issue."""
    words = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b(?!\")")
    none_of(path for path, text in readable() if path.suffix in {".py", ".sql", ".md"} and words.search(text))


def test_nothing_of_ours_is_mocked():
    """Outside systems are real servers on this machine whose behavior can be made bad."""
    words = re.compile(r"unittest\.mo" r"ck|\bmo" r"cker\b|Magic" r"Mock|\brespx\b|\bresponses\.activate\b")
    none_of(path for path, text in readable() if path.suffix == ".py" and words.search(text))
