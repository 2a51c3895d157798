"""Those who ask the same at the same moment share one answer, and never an older one."""

import asyncio

import pytest

from persistence.together import Together


class Question:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go_on = asyncio.Event()

    async def __call__(self, key: str) -> int:
        self.asked.append(key)
        number = len(self.asked)
        await self.go_on.wait()
        if key == "bad":
            raise ValueError(number)
        return number


async def test_who_comes_during_a_question_shares_the_next_one() -> None:
    question = Question()
    together: Together[str, int] = Together(question)
    first = asyncio.create_task(together("a"))
    await asyncio.sleep(0)
    later = [asyncio.create_task(together("a")) for _ in range(5)]
    await asyncio.sleep(0)
    assert question.asked == ["a"]
    question.go_on.set()
    assert await first == 1
    assert [await one for one in later] == [2] * 5
    assert question.asked == ["a", "a"]
    assert await together("a") == 3


async def test_other_questions_do_not_wait_and_errors_reach_everybody() -> None:
    question = Question()
    together: Together[str, int] = Together(question)
    asked = [asyncio.create_task(together(key)) for key in ("bad", "bad", "bad", "b")]
    await asyncio.sleep(0)
    question.go_on.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in answers] == [ValueError, ValueError, ValueError, int]
    assert question.asked.count("bad") == 2


async def test_who_goes_away_takes_nobody_along() -> None:
    question = Question()
    together: Together[str, int] = Together(question)
    first = asyncio.create_task(together("a"))
    await asyncio.sleep(0)
    second, third = asyncio.create_task(together("a")), asyncio.create_task(together("a"))
    await asyncio.sleep(0)
    first.cancel()
    second.cancel()
    question.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await asyncio.wait_for(third, 5) == 2
