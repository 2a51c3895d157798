"""Passwords are hashed off the loop, two at a time, with the same work for everybody."""

import asyncio
import threading

import pytest
from argon2 import PasswordHasher

from people.kdf import PasswordKdf, check_password
from primitives.errors import InvalidValue

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class _CountingHasher(PasswordHasher):
    """Notes how many hashes run at once and on which threads."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.most = 0
        self.threads: set[int] = set()
        self._now = 0
        self._lock = threading.Lock()
        self.reached = threading.Barrier(2, timeout=20)

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.threads.add(threading.get_ident())
        self.reached.wait()
        try:
            return super().hash(password, salt=salt)
        finally:
            with self._lock:
                self._now -= 1


class TestPasswordKdf:
    async def test_only_the_password_itself_fits(self) -> None:
        kdf = PasswordKdf(QUICK)
        encoded = await kdf.hash("correct horse battery")
        assert await kdf.verify(encoded, "correct horse battery")
        assert not await kdf.verify(encoded, "correct horse batterz")

    async def test_the_same_text_in_another_unicode_form_fits(self) -> None:
        kdf = PasswordKdf(QUICK)
        encoded = await kdf.hash("caf\u00e9 au lait")
        assert await kdf.verify(encoded, "cafe\u0301 au lait")

    async def test_nobody_costs_as_many_runs_as_somebody(self) -> None:
        kdf = PasswordKdf(QUICK)
        encoded = await kdf.hash("correct horse battery")
        before = kdf.runs
        assert not await kdf.verify(encoded, "wrong")
        assert kdf.runs - before == 1
        before = kdf.runs
        assert not await kdf.verify(None, "wrong")
        assert kdf.runs - before == 1

    async def test_the_stand_in_for_nobody_opens_nothing(self) -> None:
        assert not await PasswordKdf(QUICK).verify(None, "nobody has this password")

    async def test_two_run_at_a_time_and_never_three_and_none_on_the_loop(self) -> None:
        hasher = _CountingHasher()
        kdf = PasswordKdf(hasher)
        await asyncio.gather(*(kdf.hash(f"password number {i}") for i in range(6)))
        assert hasher.most == 2
        assert threading.get_ident() not in hasher.threads

    async def test_a_damaged_hash_fits_nothing(self) -> None:
        assert not await PasswordKdf(QUICK).verify("$argon2id$broken", "whatever it is")

    def test_the_default_is_argon2id_with_64_mebibytes(self) -> None:
        encoded = PasswordHasher().hash("correct horse battery")
        assert encoded.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize("password", ["short", "x" * 257, "mei@example.com"])
def test_bad_passwords_are_refused_without_being_quoted(password: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_password(password, "mei@example.com")
    assert password not in str(caught.value)
    assert password not in repr(caught.value.facts)
