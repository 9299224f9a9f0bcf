"""Which installation a command works on, and that none makes a second one beside it."""

import signal

import pytest

from tests.processes.commands import refusal, run, run_program
from tests.server import prepared, running_server

FILE = "organization: {tenant: found, name: Found, casePrefix: FND}"
NONE = "name one with --data-dir or CARELANE_DATA_DIR, or your own database with CARELANE_DATABASE_URL; `carelane serve` makes one"
COMMANDS = [
    ("apply", "clinic.yaml"),
    ("apply", "clinic.yaml", "--dry-run"),
    ("demo-data",),
    ("migrate",),
    ("worker",),
    ("rotate-master-key",),
]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to work in, with a file to apply; and no servers but those of the test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "clinic.yaml").write_text(FILE)
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_where_there_is_none_it_is_said_how_to_make_one_and_nothing_is_made(here, command):
    assert refusal(run_program(*command, cwd=here)) == f"there is no installation in carelane-data; {NONE}"
    assert [each.name for each in here.iterdir()] == ["clinic.yaml"]
    assert not (here.parent / "state").exists()


@pytest.mark.parametrize(
    ("command", "by_variable"),
    [
        (("apply", "clinic.yaml", "--dry-run", "--data-dir", "typo"), {}),
        (("apply", "clinic.yaml"), {"data_dir": "typo"}),
        (("migrate", "--data-dir", "typo"), {}),
        (("worker",), {"data_dir": "typo"}),
    ],
)
def test_nor_is_one_made_where_a_folder_is_named_that_has_none(here, command, by_variable):
    """A slip in its name would be one more installation."""
    assert refusal(run(*command, cwd=here, **by_variable)) == f"there is no installation in typo; {NONE}"
    assert [each.name for each in here.iterdir()] == ["clinic.yaml"]


def test_the_one_that_runs_is_found_from_anywhere(here, tmp_path):
    folder = prepared(tmp_path / "data")
    with running_server(folder, "--no-worker", "--workers", "1"):
        dry, real, again = [run("apply", "clinic.yaml", *more, cwd=here) for more in (["--dry-run"], [], [])]
        for done in (dry, real, again):
            assert (done.returncode, done.stderr) == (0, f"carelane: working on {folder}, where a server runs\n")
        assert dry.stdout.startswith("create")
        assert again.stdout.startswith("unchanged")
        named = run("apply", "clinic.yaml", "--data-dir", folder, cwd=here)
        assert (named.stdout, named.stderr) == (again.stdout, "")
        assert "a server runs on " + str(folder) in refusal(run("apply", "clinic.yaml", "--data-dir", "typo", cwd=here))
    assert [each.name for each in here.iterdir()] == ["clinic.yaml"]
    assert "there is no installation" in refusal(run("apply", "clinic.yaml", cwd=here))


def test_what_lies_in_this_folder_is_not_taken_for_the_one_that_runs(here, tmp_path):
    prepared(here / "carelane-data")
    folder = prepared(tmp_path / "data")
    with running_server(folder, "--no-worker", "--workers", "1"):
        line = refusal(run("apply", "clinic.yaml", cwd=here))
        assert line.startswith("no server runs on carelane-data, but on another folder; name one with --data-dir")
        with running_server(here / "carelane-data", "--no-worker", "--workers", "1"):
            assert run("apply", "clinic.yaml", cwd=here).returncode == 0
    assert run("apply", "clinic.yaml", cwd=here).stdout.startswith("unchanged")


def test_two_that_run_are_both_named(here, tmp_path):
    first, second = (prepared(tmp_path / name) for name in ("one", "two"))
    with (
        running_server(first, "--no-worker", "--workers", "1"),
        running_server(second, "--no-worker", "--workers", "1") as killed,
    ):
        line = refusal(run("apply", "clinic.yaml", cwd=here))
        assert line.startswith("several servers run here; name one with --data-dir")
        assert str(first) in line
        assert str(second) in line
        # One that was killed says nothing any more.
        killed.process.send_signal(signal.SIGKILL)
        killed.process.wait()
        assert run("apply", "clinic.yaml", cwd=here).returncode == 0
    run("demo-data", "--data-dir", second)
