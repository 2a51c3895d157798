"""The body of every error."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Problem(BaseModel):
    """RFC 9457. The error's own facts follow as further members."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="URN of the error", examples=["urn:quanbao:error:insufficient_funds"])
    title: str = Field(description="The code in words", examples=["Insufficient funds"])
    status: int = Field(description="HTTP status", examples=[409])
    detail: str = Field(description="What happened and what to do, in the caller's language")
    code: str = Field(description="Stable name of the error", examples=["insufficient_funds"])
    retryable: bool = Field(description="Whether the same request may succeed later", examples=[False])
    request_id: str | None = Field(
        description="Quote it to the operator", examples=["4f2b1c9ad0e34c0b8f5e7a6d1c2b3a49"]
    )
