"""The journal of EVM blocks."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from localnet.evm.journal import Journal, JournaledBlock, JournalRecord, Rewind
from primitives.errors import DiskFull, LocalnetError


def _block(number: int, *transactions: str) -> JournaledBlock:
    return JournaledBlock(number, 1_700_000_000 + number, f"0x{number:064x}", transactions)


class TestJournal:
    def test_records_come_back_in_order(self, tmp_path: Path) -> None:
        records: list[JournalRecord] = [_block(1, "0x02aa"), _block(2), Rewind(1), _block(2, "0x02bb", "0x02cc")]
        journal = Journal(tmp_path / "j")
        journal.append(*records[:2])
        middle = journal.end
        journal.append(*records[2:])
        journal.close()
        again = Journal(tmp_path / "j")
        assert list(again.read()) == records
        assert list(again.read(middle)) == records[2:]
        again.close()

    @pytest.mark.parametrize("cut", [1, 2, 30, 60])
    def test_a_torn_last_line_is_dropped_and_overwritten(self, tmp_path: Path, cut: int) -> None:
        path = tmp_path / "j"
        journal = Journal(path)
        journal.append(_block(1), _block(2, "0x02aa"))
        journal.close()
        path.write_bytes(path.read_bytes()[:-cut])
        again = Journal(path)
        assert list(again.read()) == [_block(1)]
        again.append(_block(2, "0x02bb"))
        assert list(again.read()) == [_block(1), _block(2, "0x02bb")]
        again.close()

    def test_a_torn_first_line_leaves_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "j"
        path.write_bytes(b'{"n":1,"t":17')
        journal = Journal(path)
        assert journal.end == 0
        assert list(journal.read()) == []
        journal.close()

    @pytest.mark.parametrize("line", [b"nonsense\n", b'{"n":1}\n', b"[]\n", b'{"n":"x","t":1,"h":"0x","x":[]}\n'])
    def test_a_whole_line_that_is_no_record_is_reported_with_its_place(self, tmp_path: Path, line: bytes) -> None:
        path = tmp_path / "j"
        journal = Journal(path)
        journal.append(_block(1))
        place = journal.end
        journal.close()
        with path.open("ab") as file:
            file.write(line)
        again = Journal(path)
        with pytest.raises(LocalnetError) as refused:
            list(again.read())
        assert refused.value.offset == place
        again.close()

    def test_a_full_disk_leaves_no_half_record(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Some bytes got through before the disk was full: they do not stay."""
        path = tmp_path / "j"
        journal = Journal(path)
        journal.append(_block(1))
        write = os.pwrite
        calls = iter([True])

        def fill(descriptor: int, data: bytes, offset: int) -> int:
            if next(calls, False):
                return write(descriptor, data[:10], offset)
            raise OSError(errno.ENOSPC, "no space")

        monkeypatch.setattr(os, "pwrite", fill)
        with pytest.raises(DiskFull) as refused:
            journal.append(_block(2))
        assert refused.value.path == str(path)
        monkeypatch.undo()
        journal.append(_block(2, "0x02"))
        assert list(journal.read()) == [_block(1), _block(2, "0x02")]
        journal.close()
