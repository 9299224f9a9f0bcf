"""The clinic's settings, for administrators."""

from carelane.permissions import ORGANIZATION_MANAGE, PHARMACIES_MANAGE, STAFF_MANAGE, WEBHOOKS_MANAGE
from tests.console.examples.shapes import FormExample, PageExample

PAGES: dict[str, PageExample] = {
    "/console/settings": PageExample(needs=ORGANIZATION_MANAGE, statements=6),
    "/console/settings/keys": PageExample(needs=ORGANIZATION_MANAGE, statements=6),
    "/console/settings/keys/{credential_id}": PageExample(needs=ORGANIZATION_MANAGE, statements=6),
    "/console/settings/file": PageExample(needs=ORGANIZATION_MANAGE, statements=26),
    "/console/settings/file/download": PageExample(needs=ORGANIZATION_MANAGE, statements=22, kind="file"),
    "/console/settings/changes": PageExample(needs=ORGANIZATION_MANAGE, statements=28),
    "/console/settings/webhooks": PageExample(needs=WEBHOOKS_MANAGE, statements=6),
    "/console/settings/webhooks/{endpoint_id}": PageExample(needs=WEBHOOKS_MANAGE, statements=8),
    "/console/settings/webhooks/deliveries/{delivery_id}": PageExample(needs=WEBHOOKS_MANAGE, statements=8),
    "/console/settings/webhooks/deliveries/{delivery_id}/contents": PageExample(needs=WEBHOOKS_MANAGE, statements=12),
    "/console/settings/pharmacies": PageExample(needs=PHARMACIES_MANAGE, statements=6),
    "/console/settings/pharmacies/{pharmacy_id}": PageExample(needs=PHARMACIES_MANAGE, statements=6),
    "/console/settings/gateway": PageExample(needs=ORGANIZATION_MANAGE, statements=8),
    "/console/settings/gateway/fees": PageExample(needs=ORGANIZATION_MANAGE, statements=6),
    "/console/settings/gateway/account": PageExample(needs=ORGANIZATION_MANAGE, statements=6, query="mode=test"),
    "/console/people/roles": PageExample(needs=STAFF_MANAGE, statements=5),
    "/console/people/{member_id}": PageExample(needs=STAFF_MANAGE, statements=6),
    "/console/people/{member_id}/email": PageExample(needs=STAFF_MANAGE, statements=6),
    "/console/people/{member_id}/hours": PageExample(needs=STAFF_MANAGE, statements=8),
}

FORMS: dict[str, FormExample] = {
    # Of the other clinic's own settings.
    "/console/settings/change": FormExample(
        needs=ORGANIZATION_MANAGE, fields={"name": "", "casePrefix": "OWN"}, to_strangers=422
    ),
    "/console/settings/keys/make": FormExample(
        needs=ORGANIZATION_MANAGE, fields={"kind": "key", "name": "", "scopes": "catalog:read"}, to_strangers=422
    ),
    "/console/settings/keys/{credential_id}/change": FormExample(
        needs=ORGANIZATION_MANAGE, fields={"name": "", "scopes": "catalog:read"}
    ),
    "/console/settings/keys/{credential_id}/rotate": FormExample(
        needs=ORGANIZATION_MANAGE, fields={"rotateName": "something else"}
    ),
    "/console/settings/keys/{credential_id}/revoke": FormExample(
        needs=ORGANIZATION_MANAGE, fields={"revokeName": "something else"}
    ),
    "/console/settings/changes/check": FormExample(needs=ORGANIZATION_MANAGE, to_strangers=422),
    "/console/settings/webhooks/make": FormExample(
        needs=WEBHOOKS_MANAGE, fields={"name": "", "url": "https://shop.example/hook"}, to_strangers=422
    ),
    "/console/settings/webhooks/{endpoint_id}/change": FormExample(
        needs=WEBHOOKS_MANAGE, fields={"name": "", "url": "", "payload": "FULL_CASE", "documentFormat": "URL"}
    ),
    "/console/settings/webhooks/{endpoint_id}/switch-off": FormExample(
        needs=WEBHOOKS_MANAGE, fields={"offName": "something else"}
    ),
    "/console/settings/webhooks/{endpoint_id}/switch-on": FormExample(needs=WEBHOOKS_MANAGE),
    "/console/settings/webhooks/{endpoint_id}/rotate": FormExample(needs=WEBHOOKS_MANAGE),
    "/console/settings/webhooks/{endpoint_id}/test": FormExample(needs=WEBHOOKS_MANAGE),
    "/console/settings/webhooks/{endpoint_id}/replay": FormExample(
        needs=WEBHOOKS_MANAGE, fields={"from": "2027-01-01T00:00", "to": "2027-01-02T00:00"}
    ),
    "/console/settings/webhooks/deliveries/{delivery_id}/replay": FormExample(needs=WEBHOOKS_MANAGE),
    "/console/people/{member_id}/change": FormExample(
        needs=STAFF_MANAGE, fields={"firstName": "", "lastName": "B", "role": "SUPPORT"}
    ),
    "/console/people/{member_id}/email/change": FormExample(
        needs=STAFF_MANAGE, fields={"email": "somebody", "again": "somebody"}
    ),
    "/console/people/{member_id}/hours/change": FormExample(needs=STAFF_MANAGE, fields={"timezone": "nowhere"}),
    "/console/people/{member_id}/deactivate": FormExample(needs=STAFF_MANAGE, fields={"email": "somebody else"}),
    "/console/people/{member_id}/reactivate": FormExample(needs=STAFF_MANAGE, fields={"email": "somebody else"}),
    "/console/settings/pharmacies/make": FormExample(
        needs=PHARMACIES_MANAGE, fields={"name": "", "code": "box", "adapter": "http"}, to_strangers=422
    ),
    "/console/settings/pharmacies/{pharmacy_id}/change": FormExample(
        needs=PHARMACIES_MANAGE, fields={"name": "", "code": "box", "adapter": "http"}
    ),
    "/console/settings/pharmacies/{pharmacy_id}/rotate": FormExample(
        needs=PHARMACIES_MANAGE, fields={"rotateCode": "another"}
    ),
    # Of the other clinic's own account.
    "/console/settings/gateway/terms": FormExample(
        needs=ORGANIZATION_MANAGE, fields={"policy": "something"}, to_strangers=422
    ),
    "/console/settings/gateway/fees/change": FormExample(
        needs=ORGANIZATION_MANAGE, fields={"fees[0].kind": "shipping", "fees[0].amount": "0"}, to_strangers=422
    ),
    "/console/settings/gateway/account/change": FormExample(
        needs=ORGANIZATION_MANAGE, fields={"mode": "test", "word": "live"}, to_strangers=422
    ),
}
