"""Schemas of guidance."""

from __future__ import annotations

from pydantic import Field

from api.schemas.base import ResponseBody


class CostRead(ResponseBody):
    """What an act costs, and whom."""

    id: str = Field(examples=["claim"])
    act: str = Field(examples=["Claim a voucher"])
    who_pays: str = Field(examples=["the merchant"])
    cost: str = Field(examples=["free for you"])
    why: str = Field(examples=["Whoever hands vouchers out pays the network for you, within a budget."])


class WordRead(ResponseBody):
    """A word in plain words."""

    id: str = Field(examples=["final"])
    term: str = Field(examples=["Final"])
    meaning: str = Field(examples=["So deep in the chain that it stays."])


class QuestionRead(ResponseBody):
    """A question that people ask."""

    id: str = Field(examples=["safe"])
    topic: str = Field(examples=["safety"])
    question: str = Field(examples=["Can somebody take my money?"])
    answer: str = Field(examples=["Only with your words, or with your unlocked session."])


class StepRead(ResponseBody):
    """One line of a checklist."""

    id: str = Field(examples=["backup"])
    do: str = Field(examples=["Write your words on paper and confirm them"])
    why: str = Field(examples=["They are the only way back to your money."])
    where: str = Field(description="Route or document", examples=["POST /wallets/{wallet_id}/backup/reveal"])
