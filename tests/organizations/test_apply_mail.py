"""`mailTemplates` and `logos` of an organization file: kept by the rules of the pages, and what was changed there stays."""

from base64 import b64encode

import pytest

from carelane.apply.errors import ChangedElsewhereError, InvalidFileError
from carelane.kit.auth import system_actor
from carelane.messages.templates import reads
from carelane.messages.templates.access import checked
from carelane.messages.templates.actions import change_mail_template, reset_mail_template
from carelane.messages.templates.schemas import MailTemplateIn
from carelane.organizations.logos.actions import remove_logo, set_logo
from carelane.organizations.logos.schemas import LogoIn
from tests.organizations.test_apply_elsewhere import differences, problems
from tests.pictures import JPEG, NO_PICTURES, WEBP, heavy, png

CHANGED = "SELECT value_before, value_after FROM events WHERE type = 'MAIL_TEMPLATE_CHANGED' ORDER BY position"
LOGO_CHANGED = "SELECT value_before FROM events WHERE type = 'ORGANIZATION_CHANGED' AND value_before LIKE 'logo%' ORDER BY position"
WORDS = {"subject": "Thanks from {clinic}", "text": "Here:\n\n{link}", "html": "<p>{link}</p>"}


def base64(content: bytes) -> str:
    return b64encode(content).decode()


@pytest.fixture
def worded(file):
    file.content["mailTemplates"] = [{"kind": "RECEIPT", "language": "en"} | WORDS]
    return file


async def by_hand(file, **words):
    """As an administrator saves the page, whichever version is there."""
    [(version,)] = await file.fetch("SELECT version FROM mail_templates")
    body = MailTemplateIn(**(WORDS | words), version=version)
    await change_mail_template(file.services, system_actor(await file.organization_id()), "RECEIPT", "en", body, None)


async def test_words_are_kept_once_and_given_back_when_the_file_says_so(worded):
    assert ("create", "mail template", "RECEIPT en") in await worded.done()
    assert await worded.done() == []
    worded.content["mailTemplates"][0] |= {"text": "  {link} ", "html": "<p lang=en>{link}<br/></p>"}
    assert await worded.done() == [("update", "mail template", "RECEIPT en")]
    assert await worded.done() == []
    kept = "SELECT subject, text, html, version FROM mail_templates"
    assert await worded.fetch(kept) == [("Thanks from {clinic}", "{link}", '<p lang="en">{link}<br></p>', 2)]
    worded.content["mailTemplates"] = []
    assert await worded.done() == []
    worded.content["mailTemplates"] = [
        {"kind": "RECEIPT", "language": "en", "builtIn": True},
        {"kind": "QUOTE", "language": "es", "builtIn": True},
    ]
    assert await worded.done() == [("update", "mail template", "RECEIPT en")]
    assert await worded.done() == []
    assert await worded.fetch(kept) == [(None, None, None, 3)]
    assert await worded.fetch(CHANGED) == [("RECEIPT en", how) for how in ("CHANGED", "CHANGED", "RESET")]


async def test_words_are_cleaned_once(worded, monkeypatch):
    cleaned = []

    def counted(*args):
        cleaned.append(args)
        return checked(*args)

    monkeypatch.setattr(reads, "checked", counted)
    await worded.apply()
    assert len(cleaned) == 1


async def test_words_of_the_page_stay_until_the_file_has_others(worded):
    await worded.apply()
    await by_hand(worded, subject="By hand")
    assert differences(await worded.apply(dry_run=True)) == [
        ("RECEIPT en", "subject", '"By hand"', '"Thanks from {clinic}"')
    ]
    assert await worded.done() == []
    worded.content["mailTemplates"][0]["text"] = "Look: {link}"
    await worded.apply()
    assert await worded.fetch("SELECT subject, text FROM mail_templates") == [("By hand", "Look: {link}")]
    worded.content["mailTemplates"][0]["subject"] = "From the file"
    with pytest.raises(ChangedElsewhereError) as raised:
        await worded.apply()
    assert set(problems(raised)) == {"mail template RECEIPT en: subject"}
    await worded.apply(overwrite=True)
    assert await worded.fetch("SELECT subject, text FROM mail_templates") == [("From the file", "Look: {link}")]
    assert await worded.done() == []


async def test_words_that_the_page_gave_back_are_not_written_again(worded):
    del worded.content["mailTemplates"][0]["html"]
    await worded.apply()
    here = (worded.services, system_actor(await worded.organization_id()), "RECEIPT", "en")
    await reset_mail_template(*here, None)
    assert [each[:3] for each in differences(await worded.apply())] == [
        ("RECEIPT en", "subject", "null"), ("RECEIPT en", "text", "null"),
    ]  # fmt: skip
    # Of words that are ours the file cannot change the looks alone.
    worded.content["mailTemplates"][0] |= {"html": "<p>{link}</p>", "text": "Now here: {link}"}
    with pytest.raises(ChangedElsewhereError) as raised:
        await worded.apply()
    assert len(raised.value.problems) == 2
    assert set(problems(raised)) == {"mail template RECEIPT en: subject", "mail template RECEIPT en: text"}
    assert ("update", "mail template", "RECEIPT en") in [
        (change.action, change.what, change.name) for change in await worded.apply(overwrite=True)
    ]
    assert await worded.done() == []


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "BILL"}, "kind"),
        ({"language": "xx"}, "language"),
        ({"subject": None}, "subject"),
        ({"subject": "  "}, "subject"),
        ({"subject": "{firstName}"}, "subject"),
        ({"text": "no link"}, "text"),
        ({"text": "{link} ${HOME}"}, "text"),
        ({"html": "<script>x</script>{link}"}, "html"),
        ({"html": "{link}" + "x" * 40_000}, "html"),
        ({"builtIn": True}, "html"),
        ({"isOurs": True}, "isOurs"),
    ],
)
async def test_words_that_the_page_would_refuse_are_named(worded, said, field):
    worded.content["mailTemplates"][0] |= said
    with pytest.raises(InvalidFileError) as raised:
        await worded.apply()
    assert f"mailTemplates[0].{field}" in problems(raised)


async def test_each_mail_is_told_of_once(worded):
    worded.content["mailTemplates"] *= 2
    with pytest.raises(InvalidFileError) as raised:
        await worded.apply()
    assert set(problems(raised)) == {"mailTemplates[1]"}


async def test_logos_are_kept_once_and_taken_away_when_the_file_says_so(file):
    file.content["logos"] = {"pages": base64(png()), "receipts": base64(WEBP)}
    assert ("create", "logos", "Moss") in await file.done()
    assert await file.done() == []
    file.content["logos"] = {"receipts": base64(JPEG)}
    assert await file.done() == [("update", "logos", "Moss")]
    kept = "SELECT used_on, content, media_type, width, height FROM logos ORDER BY used_on"
    assert await file.fetch(kept) == [("pages", png(), "image/png", 24, 8), ("receipts", JPEG, "image/jpeg", 24, 8)]
    file.content["logos"] = {"pages": None}
    assert await file.done() == [("update", "logos", "Moss")]
    assert await file.done() == []
    assert [use for use, *_ in await file.fetch(kept)] == ["receipts"]
    told = [use for (use,) in await file.fetch(LOGO_CHANGED)]
    assert told == ["logo: pages", "logo: receipts", "logo: receipts", "logo: pages"]


async def test_a_logo_of_the_page_stays_until_the_file_has_another(file):
    file.content["logos"] = {"pages": base64(png()), "receipts": base64(JPEG)}
    await file.apply()
    here = (file.services, system_actor(await file.organization_id()))
    await set_logo(*here, "pages", LogoIn(file=WEBP), None)
    await remove_logo(*here, "receipts", None)
    told = differences(await file.apply(dry_run=True))
    assert [each[:2] for each in told] == [("Moss", "pages"), ("Moss", "receipts")]
    assert told[1][2] == "null"
    assert await file.done() == []
    file.content["logos"]["pages"] = base64(png(9, 9))
    with pytest.raises(ChangedElsewhereError) as raised:
        await file.apply()
    assert set(problems(raised)) == {"logos Moss: pages"}
    await file.apply(overwrite=True)
    assert sorted(await file.fetch("SELECT used_on, content FROM logos")) == [("pages", png(9, 9)), ("receipts", JPEG)]


@pytest.mark.parametrize("name", NO_PICTURES)
async def test_what_is_no_picture_is_refused_with_all_of_the_file(file, name):
    file.content |= {"logos": {"receipts": base64(NO_PICTURES[name])}, "products": [{"name": "P", "price": "1"}]}
    with pytest.raises(InvalidFileError) as raised:
        await file.apply()
    assert set(problems(raised)) == {"logos.receipts"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("logo.png", "expected a picture's file in base64"),
        ("Aé==", "expected a picture's file in base64"),
        (base64(heavy(300_000)), "expected at most 200 kB; it has 300 kB"),
        (base64(png(2_001, 1)), "expected at most 2,000 x 2,000 pixels; it has 2,001 x 1"),
        (5, "Expected"),
    ],
)
async def test_what_the_page_would_refuse_of_a_logo_is_said_likewise(file, text, problem):
    file.content["logos"] = {"pages": text}
    with pytest.raises(InvalidFileError) as raised:
        await file.apply()
    assert problem in problems(raised)["logos.pages"]
