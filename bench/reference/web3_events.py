"""The usual way: web3.py's contract event, page by page, and one ORM row per event.

Run by `python -m bench indexer` in an environment of its own (requirements/bench.lock); prints seconds and rows.
"""

from __future__ import annotations

import json
import sys
import time

from sqlalchemy import BigInteger, Index, Text, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from web3 import Web3


class Base(DeclarativeBase):
    pass


class IssuedRow(Base):
    """What one would keep of an event."""

    __tablename__ = "reference_issued"

    block_number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    log_index: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    block_hash: Mapped[str] = mapped_column(Text)
    tx_hash: Mapped[str] = mapped_column(Text)
    voucher: Mapped[str] = mapped_column(Text)
    campaign: Mapped[str] = mapped_column(Text)
    holder: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_reference_holder", "holder"),)


def main() -> None:
    job = json.loads(sys.stdin.read())
    engine = create_engine(job["database"])
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    web3 = Web3(Web3.HTTPProvider(job["node"], request_kwargs={"timeout": 120}))
    event = web3.eth.contract(address=job["address"], abi=job["abi"]).events.VoucherIssued
    rows = 0
    started = time.perf_counter()
    for first in range(job["since"], job["until"] + 1, job["span"]):
        last = min(job["until"], first + job["span"] - 1)
        with Session(engine) as session:
            for found in event().get_logs(from_block=first, to_block=last):
                session.add(
                    IssuedRow(
                        block_number=found["blockNumber"],
                        log_index=found["logIndex"],
                        block_hash=found["blockHash"].hex(),
                        tx_hash=found["transactionHash"].hex(),
                        voucher=hex(found["args"]["id"]),
                        campaign=found["args"]["campaign"].hex(),
                        holder=found["args"]["holder"],
                    )
                )
                rows += 1
            session.commit()
    sys.stdout.write(json.dumps({"seconds": time.perf_counter() - started, "rows": rows}))


if __name__ == "__main__":
    main()
