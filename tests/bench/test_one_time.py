"""One-time codes, by the test vectors of RFC 6238."""

import base64

import pytest

from conformance.bench import one_time
from conformance.bench.one_time import Device

SEED = b"12345678901234567890"


def device(**asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return Device.of(f"otpauth://totp/essai?secret={base64.b32encode(SEED).decode()}&{query}")


@pytest.mark.parametrize(("moment", "code"), [(59, "94287082"), (1111111109, "07081804"), (20000000000, "65353130")])
def test_codes_are_those_of_the_rfc(moment, code) -> None:
    assert device(digits=8).at(moment // 30) == code


def test_each_code_is_given_once_and_the_third_waits_for_its_time(monkeypatch) -> None:
    slept = []
    monkeypatch.setattr(one_time.time, "time", lambda: 1000 * 30.0 + 5)
    monkeypatch.setattr(one_time.time, "sleep", slept.append)
    held = device()
    assert [held.code() for _ in range(3)] == [held.at(step) for step in (999, 1000, 1001)]
    assert slept == [0.0, 0.0, 25.0]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://dui.test/?secret=GEZDGNBV",
        "otpauth://hotp/essai?secret=GEZDGNBV",
        "otpauth://totp/essai",
        "otpauth://totp/essai?secret=11111",
        "otpauth://totp/essai?secret=GEZDGNBV&digits=x",
        "otpauth://totp/essai?secret=GEZDGNBV&algorithm=MD5",
        "otpauth://totp/essai?secret=GEZDGNBV&period=0",
    ],
)
def test_an_address_that_is_none_gives_no_device(address) -> None:
    assert Device.of(address) is None
