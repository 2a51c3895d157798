"""The erasure keys: one small file for each person, in a folder of its own that no backup of the database contains."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from datetime import datetime
from pathlib import Path
from uuid import UUID

from primitives.errors import MissingPart, OperationError, PersonErased

KEY_BYTES = 32
_INDEX = "index.key"
_ACCEPTED = "loss-accepted"


class ErasureKeys:
    """Makes, reads and destroys the key of a subject (a person, or an invitation to somebody who is none yet).

    Keys are read from their file each time: what another process destroyed is destroyed here in the same moment. All
    files have mode 0600, all folders 0700. Several machines that serve one database share this folder.

    Args:
        folder: Made if absent; never inside the data folder, and never part of the database's backup.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._index_key: bytes | None = None

    def __repr__(self) -> str:
        return f"ErasureKeys({str(self.folder)!r})"

    @property
    def blank(self) -> bool:
        """Whether nothing was ever kept here: beside a database of persons that means that the folder is lost."""
        return not (self.folder / _INDEX).exists()

    @property
    def loss_accepted(self) -> datetime | None:
        """Until when the operator has said that keys are lost for good; None: never said.

        Raises:
            OperationError: The file that says it cannot be read.
        """
        path = self.folder / _ACCEPTED
        try:
            return datetime.fromisoformat(path.read_text().strip())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise OperationError(f"{path} holds no moment: remove it, or say it again", file=str(path)) from error

    def accept_loss(self, now: datetime) -> None:
        """Let starts go on without the keys of whoever was registered until now."""
        self.index_key()
        descriptor = os.open(self.folder / _ACCEPTED, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, now.isoformat().encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        _sync_folder(self.folder)

    def make(self, subject: UUID) -> None:
        """A fresh key of 32 random bytes, written through before this returns; an existing one stays."""
        self._write_once(self._path(subject), secrets.token_bytes(KEY_BYTES))

    def read(self, subject: UUID) -> bytes:
        """Raises PersonErased when there is no such key."""
        try:
            return _read(self._path(subject))
        except FileNotFoundError:
            raise PersonErased("these personal data were erased: their key is destroyed") from None

    def exists(self, subject: UUID) -> bool:
        return self._path(subject).exists()

    def destroy(self, subject: UUID) -> bool:
        """Overwrite and remove the key; whether there was one. Returns when the removal is on disk."""
        path = self._path(subject)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        try:
            # A disk that writes elsewhere keeps the old block for a while; docs/privacy.md says so.
            os.write(descriptor, secrets.token_bytes(KEY_BYTES))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        _sync_folder(path.parent)
        return True

    def index_key(self) -> bytes:
        """The key of blind indexes and one-time tokens, made on first use."""
        if self._index_key is None:
            path = self.folder / _INDEX
            if not path.exists():
                self._write_once(path, secrets.token_bytes(KEY_BYTES))
            self._index_key = _read(path)
        return self._index_key

    def check(self) -> None:
        """Raises OperationError: the folder cannot be written, or others can look into it."""
        self._folder(self.folder)
        if self.folder.stat().st_mode & 0o077:
            raise OperationError(
                f"others can look into {self.folder}: chmod 700 {self.folder}", folder=str(self.folder)
            )
        if shutil.disk_usage(self.folder).free < 1 << 20:
            raise OperationError(f"the disk of {self.folder} is full: free room", folder=str(self.folder))

    def _path(self, subject: UUID) -> Path:
        # Two levels keep a folder of a million persons at some 4,000 files.
        name = subject.hex
        return self.folder / "keys" / name[-2:] / f"{name}.key"

    @staticmethod
    def _folder(folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise OperationError(
                f"{folder} cannot be used for erasure keys: {error.strerror}; set QUANBAO_ERASURE_DIR",
                folder=str(folder),
            ) from error

    def _write_once(self, path: Path, key: bytes) -> None:
        for folder in (self.folder, *(() if path.parent == self.folder else (path.parent.parent, path.parent))):
            self._folder(folder)
        temporary = path.with_suffix(f".{secrets.token_hex(8)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, key)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        # A link fails where another process was first, so that nobody's key is ever replaced.
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
        temporary.unlink()
        _sync_folder(path.parent)


def _read(path: Path) -> bytes:
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise MissingPart(f"{path} is damaged: put it back from the copy of the erasure keys", mend=str(path))
    return key


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
