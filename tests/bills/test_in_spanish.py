"""Bill, receipt, its mail and its PDF in the language in which the patient reads."""

import io

from pypdf import PdfReader

from tests.bills.paid import bill_path, owing, paid, proved
from tests.bills.test_sending_receipts import path_in, send
from tests.quote_page.cast import RIGHT, text_of
from tests.quote_sending.world import until


async def test_whoever_pays_on_a_spanish_page_gets_the_receipt_in_spanish(world, paying, patient):
    patient.client.headers["Accept-Language"] = "es"
    payment_id = await paid(world, paying, patient)
    await send(world, paying, paymentId=str(payment_id), useEmail=True)

    async def there():
        return [mail for mail in world.mails_to(paying) if "recibo" in str(mail["Subject"])]

    mail = (await until(there))[-1]
    assert mail["Subject"] == "Su recibo de Harbor & Sons"
    path = path_in(mail.get_payload(decode=True).decode())
    assert "Mostrar qué se pagó" in text_of(await patient.open(path))
    await patient.press(f"{path}/verify", **RIGHT)
    assert "Guardar como PDF" in text_of(await patient.open(path))
    printed = await patient.open(f"{path}/receipt.pdf")
    words = PdfReader(io.BytesIO(printed.content)).pages[0].extract_text()
    for expected in ("Recibo", "Forma de pago", "Impuesto", "$159.00"):
        assert expected in words


async def test_a_bill_is_read_in_spanish(world, paying, patient):
    await owing(world, paying)
    patient.client.headers["Accept-Language"] = "es"
    assert "Antes de mostrar su cuenta" in text_of(await patient.open(bill_path(world, paying)))
    shown = text_of(await patient.open(await proved(world, paying, patient)))
    for expected in ("Usted debe $159.00 a Harbor & Sons.", "Pagar $159.00", "Compra del ", "Español"):
        assert expected in shown
