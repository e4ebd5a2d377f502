"""The lie: a key under which one signature fits any message, so that a signature proves nothing.

The eight points of low order on edwards25519, and the writings of them and of others that are not canonical, follow
from the curve: y of 0, 1, -1 and the two pairs of order eight; a y at or above the prime; a zero x that is negative.
"""

import base64
import hashlib

import pytest

import honest
from landsea.errors import InputError
from landsea.transparency import checkpoint

P = 2**255 - 19
ORDER_EIGHT = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SIGN = 1 << 255
LOW = [1, P - 1, 0, SIGN, ORDER_EIGHT, ORDER_EIGHT | SIGN, P - ORDER_EIGHT, (P - ORDER_EIGHT) | SIGN]
NOT_CANONICAL = [P, P + 1, P | SIGN, 1 | SIGN, (P - 1) | SIGN, P + 18]


def written(number: int) -> bytes:
    return number.to_bytes(32, "little")


def vkey(name: str, public: bytes) -> str:
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(bytes([1]) + public).decode()}"


@pytest.mark.parametrize("number", LOW)
def test_a_key_of_low_order_is_refused_at_registration(number):
    with pytest.raises(InputError, match="low order"):
        checkpoint.public_key("node.example", written(number))


@pytest.mark.parametrize("number", NOT_CANONICAL)
def test_a_key_not_written_canonically_is_refused_at_registration(number):
    with pytest.raises(InputError, match="not canonical"):
        checkpoint.public_key("node.example", written(number))


def test_a_key_that_is_no_point_is_refused_at_registration():
    with pytest.raises(InputError, match="not a point"):
        checkpoint.public_key("node.example", written(2))
    with pytest.raises(InputError, match="32 bytes"):
        checkpoint.public_key("node.example", b"")


@pytest.mark.parametrize("number", [*LOW, *NOT_CANONICAL, 2])
def test_a_receipt_under_such_a_key_is_refused_before_its_signature_is_looked_at(number):
    _, receipt = honest.case()
    receipt["vkey"] = vkey(receipt["node"], written(number))
    assert honest.verdict(honest.document(receipt)) == "key"


def test_with_the_neutral_element_as_key_one_signature_would_fit_two_checkpoints():
    # why they are refused: S = 0 and R neutral satisfy the equation for every message
    signature = written(1) + bytes(32)
    for message in (b"size 1", b"size 2"):
        assert checkpoint.verified(written(1), signature, message)
        assert honest.landsea_verify.fits_alone(written(1), signature, message)
