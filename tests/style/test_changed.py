"""`bin/test --changed` runs what a change can reach, and rather too much than too little."""

import pytest

from tests.changed import ABOUT, EVERYTHING, ROOT, all_tests, reached_by


def folders_of(tests: set[str]) -> set[str]:
    return {test.split("/")[1] for test in tests}


# These look at the whole product, whatever has changed.
WHOLE = {"billing", "docs", "processes", "safety", "style"}


def test_what_is_on_top_reaches_what_is_about_it():
    reached = folders_of(reached_by({"src/carelane/orders/desk/routes.py"}))
    assert reached >= WHOLE | {"desk", "orders", "sending"}
    assert not reached & {"kit", "patients", "quote_page", "review", "taxes"}


def test_what_lies_below_reaches_what_stands_on_it():
    assert folders_of(reached_by({"src/carelane/taxes/queries.py"})) >= {"taxes", "carts", "quotes"}
    assert folders_of(reached_by({"src/carelane/patients/queries.py"})) >= {"patients", "cases", "review", "carts"}


def test_a_file_may_be_about_less_than_its_folder():
    reached = reached_by({"src/carelane/carts/pricing.py"})
    assert {test for test in reached if "/seeds/" in test} == {"tests/seeds/test_004_create_cart.py"}
    assert "tests/scenarios/test_billing_model.py" in reached
    assert "tests/scenarios/test_crash_matrix.py" not in reached


def test_a_file_that_is_no_module_counts_for_its_folder():
    reached = folders_of(reached_by({"src/carelane/quotes/page/templates/new.html"}))
    assert "quote_page" in reached
    assert "taxes" not in reached
    assert folders_of(reached_by({"src/carelane/taxes/gone.py"})) >= {"taxes", "carts"}


def test_a_test_reaches_itself_and_a_helper_those_who_use_it():
    small = {"docs", "style"}
    assert folders_of(reached_by({"tests/desk/test_why.py"})) == small | {"desk"}
    reached = reached_by({"tests/orders/shop.py"})
    assert {"tests/orders/test_place.py", "tests/safety/test_generated_client.py"} <= reached
    assert "tests/carts/test_list.py" not in reached
    assert {test for test in all_tests() if "/desk/" in test} <= reached_by({"tests/desk/conftest.py"})


@pytest.mark.parametrize(
    "path",
    [
        "src/carelane/kit/db.py",
        "src/carelane/web/wire.py",
        "src/carelane/migrations/versions/0001_new.py",
        "src/carelane/permissions.py",
        "src/carelane/surfaces/care.py",
        "tests/conftest.py",
        "tests/factories/cases.py",
        "bin/test",
        "pyproject.toml",
        "constraints.txt",
    ],
)
def test_what_everything_stands_on_reaches_all(path):
    assert reached_by({path}) == all_tests()


def test_pages_reach_what_reads_pages():
    assert folders_of(reached_by({"docs/map.md"})) == {"docs", "style"}
    assert reached_by(set()) == set()


def test_the_table_names_what_is_there():
    for name, about in ABOUT.items():
        assert (ROOT / "tests" / name).exists(), name
        assert about == EVERYTHING or all((ROOT / "src" / "carelane" / noun).is_dir() for noun in about), name
