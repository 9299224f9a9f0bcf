"""Protected health information: a type that prints as ***, and AES-256-GCM envelope encryption.

master key (a file or the environment) → one data key per organization (wrapped, in the database) → fields and files.
Additional data binds every ciphertext to its organization, table, column and row, so that a sealed value copied to
another place does not open there.

A sealed value is: 1 byte data key version, 12 bytes nonce, ciphertext with a 16-byte tag.
"""

import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_PIECE_BYTES = 1_048_576
_CURRENT_VERSION = 1


class Phi:
    """Mixed into a struct that tells of a person: it prints without its values, so that none reaches a log or a trace."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"


class UnsealError(Exception):
    """The sealed value was changed, belongs to another place, or was sealed with another key."""


class MasterKey:
    """The key everything else hangs from: wraps data keys, and derives the keys for tokens and links."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the master key must be {KEY_BYTES} bytes, got {len(key)}")
        self._key = key

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose (HKDF-SHA256, RFC 5869)."""
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(self._key)

    @property
    def fingerprint(self) -> bytes:
        """32 bytes that tell this key from any other, and nothing else."""
        return self.derive("fingerprint")

    def new_wrapped_data_key(self, organization_id: UUID) -> bytes:
        return self.wrap(organization_id, os.urandom(KEY_BYTES))

    def wrap(self, organization_id: UUID, data_key: bytes) -> bytes:
        return _encrypt(self.derive("wrap data keys"), data_key, organization_id.bytes)

    def unwrap(self, organization_id: UUID, wrapped: bytes) -> bytes:
        """Raises UnsealError when the wrapped key is not this organization's or not under this master key."""
        return _decrypt(self.derive("wrap data keys"), wrapped, organization_id.bytes)


class DataKey:
    """Seals and opens one organization's fields and files."""

    def __init__(self, organization_id: UUID, key: bytes) -> None:
        self._organization = organization_id.bytes
        self._key = key
        self._cipher = AESGCM(key)
        self._digest_key = hmac.digest(key, b"digests", "sha256")

    def seal(self, plain: bytes | bytearray, place: str, row_id: UUID) -> bytes:
        """`place` is `table.column`."""
        nonce = os.urandom(_NONCE_BYTES)
        return bytes([_CURRENT_VERSION]) + nonce + self._cipher.encrypt(nonce, plain, self._bound(place, row_id))

    def seal_in_pieces(self, plain: bytes | bytearray, place: str, row_id: UUID) -> bytearray:
        """The same for what is large: another thread may do it beside the event loop, which gets its turn between the
        pieces, and there is one copy and no more."""
        nonce = os.urandom(_NONCE_BYTES)
        head = bytes([_CURRENT_VERSION]) + nonce
        sealed = bytearray(len(head) + len(plain) + _TAG_BYTES)
        sealed[: len(head)] = head
        source, target = memoryview(plain), memoryview(sealed)[len(head) :]
        encryptor = Cipher(AES(self._key), GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(self._bound(place, row_id))
        for start in range(0, len(plain), _PIECE_BYTES):
            encryptor.update_into(source[start : start + _PIECE_BYTES], target[start:])
        encryptor.finalize()
        target[len(plain) :] = encryptor.tag
        return sealed

    def open(self, sealed: bytes, place: str, row_id: UUID) -> bytes:
        """Raises UnsealError."""
        if not sealed or sealed[0] != _CURRENT_VERSION:
            raise UnsealError("unknown data key version")
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, self._bound(place, row_id))
        except (InvalidTag, ValueError) as error:
            raise UnsealError(f"{place} does not open") from error

    def digest(self, plain: bytes, place: str) -> bytes:
        """32 bytes that tell whether two texts of a place are the same, and nothing else to who lacks the key."""
        return hmac.digest(self._digest_key, self._organization + place.encode() + b"\0" + plain, "sha256")

    def _bound(self, place: str, row_id: UUID) -> bytes:
        return self._organization + row_id.bytes + place.encode()


def _encrypt(key: bytes, plain: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
    except (InvalidTag, ValueError) as error:
        raise UnsealError("the data key does not open under this master key") from error
