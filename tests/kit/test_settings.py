"""Settings: read from the environment, and a bad one names its variable."""

from pathlib import Path

import pytest

from carelane.settings import PREFIX, Settings, read_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "many"), ("PORT", "65536"), ("PORT", "-1"), ("WORKERS", "0"), ("MAX_BODY_BYTES", "10"),
        ("SMTP_STARTTLS", "perhaps"), ("DISPATCH_SECONDS", "0"), ("CREDENTIAL_CACHE_SECONDS", "-1"), ("STOP_SECONDS", "soon"),
        ("GATEWAY_DOWN", "wait"), ("GATEWAY_SIMULATOR_URL", "localhost:8591"), ("GATEWAY_TIMEOUT_SECONDS", "0"),
    ],
)  # fmt: skip
def test_a_bad_value_names_its_variable(name, value):
    with pytest.raises(ValueError, match=f"^{PREFIX}{name}: "):
        read_settings({PREFIX + name: value})


def test_values_are_read_as_their_types():
    environment = {"PORT": "9000", "DATA_DIR": "/data", "SMTP_STARTTLS": "false", "STOP_SECONDS": "2.5"}
    settings = read_settings({PREFIX + name: value for name, value in environment.items()})
    assert (settings.port, settings.data_dir, settings.smtp_starttls, settings.stop_seconds) == (
        9000, Path("/data"), False, 2.5,
    )  # fmt: skip


@pytest.mark.parametrize("word", ["accept", "refuse"])
def test_what_becomes_of_a_case_while_the_gateway_is_down(word):
    assert read_settings({"CARELANE_GATEWAY_DOWN": word}).gateway_down == word
    assert Settings().gateway_down == "accept"
    with pytest.raises(ValueError, match=r"^CARELANE_GATEWAY_DOWN: expected `accept` or `refuse`$"):
        read_settings({"CARELANE_GATEWAY_DOWN": word.upper()})


def test_an_option_wins_over_the_environment_unless_it_was_not_given():
    environment = {"CARELANE_PORT": "9000", "CARELANE_WORKERS": "3"}
    settings = read_settings(environment, port=9001, workers=None)
    assert (settings.port, settings.workers) == (9001, 3)


def test_an_empty_variable_is_as_good_as_none():
    assert read_settings({"CARELANE_DATABASE_URL": "", "CARELANE_PORT": ""}) == Settings()


def test_there_is_no_usable_secret_by_default():
    settings = Settings()
    assert settings.master_key is None
    assert settings.smtp_password is None
    assert settings.database_url is None


def test_settings_do_not_print_themselves():
    assert repr(Settings(master_key="MARKER", smtp_password="MARKER")) == "Settings(***)"


def test_settings_cannot_be_changed():
    with pytest.raises(AttributeError):
        Settings().port = 1


def test_a_limit_that_may_be_left_empty_is_read_like_any_other():
    assert read_settings({"CARELANE_MAX_CONNECTIONS_PER_ADDRESS": "30"}).max_connections_per_address == 30
    with pytest.raises(ValueError, match=r"CARELANE_MAX_CONNECTIONS_PER_ADDRESS: expected a whole number, at least 1$"):
        read_settings({"CARELANE_MAX_CONNECTIONS_PER_ADDRESS": "0"})
