"""The pages of mail: previewed, saved, refused, stale, given back."""

from carelane.sessions.access import COOKIE
from tests.console.test_catalog_kept import changes
from tests.console.test_settings import version_in
from tests.console.world import sign_in
from tests.own_clinic import make_clinic

PATH = "/console/mails"
ONE = f"{PATH}/RECEIPT/es"


async def test_words_are_previewed_saved_and_given_back(services, client, tmp_path):
    member = await sign_in(services, await make_clinic(services, tmp_path), "ADMIN")
    headers = {"Cookie": f"{COOKIE.name}={member.token}", "Sec-Fetch-Site": "same-origin"}

    async def send(step, **fields):
        return await client.post(f"{ONE}/{step}", data={"form_token": member.form_token} | fields, headers=headers)

    shown = await client.get(ONE, headers=headers)
    assert "Su recibo de {clinic}" in shown.text
    assert "Our words" in shown.text
    words = {
        "subject": "Gracias de {clinic}",
        "text": "Su recibo: {link}",
        "html": '<p style="color: red"><b>{link}</b></p>',
        "version": "",
    }
    preview = await send("save", act="preview", **words)
    assert preview.status_code == 200
    assert "Gracias de " in preview.text
    assert "<p><b>https://care.example/q/sample</b></p>" in preview.text
    wrong = await send("save", **words | {"html": "<script>x</script>{link}", "text": "{nobody} {link}"})
    assert wrong.status_code == 422
    assert "{nobody}" in wrong.text
    assert "&lt;script&gt;x&lt;/script&gt;{link}</textarea>" in wrong.text
    assert (await send("save", **words)).headers["Location"] == f"{PATH}?done=saved"
    assert "Gracias de {clinic}" in (await client.get(PATH, headers=headers)).text
    stale = await send("save", **words | {"subject": "Kept as typed"})
    assert stale.status_code == 409
    assert "Kept as typed" in stale.text
    assert changes(stale.text) == {"Subject": ("Gracias de {clinic}", "Kept as typed")}
    seen = words | {"version": version_in(stale.text), "subject": "Seen and saved"}
    assert (await send("save", **seen)).headers["Location"] == f"{PATH}?done=saved"
    assert (await send("reset")).headers["Location"] == f"{PATH}?done=reset"
    assert "Our words" in (await client.get(ONE, headers=headers)).text
