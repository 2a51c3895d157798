"""SLIP-39: a master secret as shares of words, any enough of which give it back.

Trezor's shamir-mnemonic does the arithmetic. Everything that people type is checked here first, so that errors name
shares and positions and never repeat a word.

Source: SLIP-39 "Format of the share mnemonic", "Checksum", "Decryption", extendable backup flag.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from shamir_mnemonic import rs1024, shamir, wordlist
from shamir_mnemonic.share import Share
from shamir_mnemonic.utils import MnemonicError

from keystore.secret import Secret
from primitives.errors import InvalidShares, InvalidValue

MAX_SHARES = 16 * 16
MIN_WORDS = 20
MAX_WORDS = 59
"""For a secret of 64 bytes, the longest that is a BIP-32 seed."""
MAX_ITERATION_EXPONENT = 8
"""2.56 million rounds of PBKDF2, some seconds. The format allows 15, which would take minutes of anybody's server."""

_PRINTABLE = range(32, 127)


@dataclass(frozen=True, slots=True)
class SharePlan:
    """Who gets how many shares.

    Attributes:
        group_threshold: How many groups give the secret back.
        groups: Of each group: how many of its shares are needed, how many it has.
    """

    group_threshold: int
    groups: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        """Raises InvalidShares; `group` is counted from 1."""
        if not 1 <= len(self.groups) <= 16:
            raise InvalidShares("there are 1 to 16 groups", part="groups")
        if not 1 <= self.group_threshold <= len(self.groups):
            raise InvalidShares("as many groups are needed as there are, or fewer", part="group_threshold")
        for number, (needed, count) in enumerate(self.groups, 1):
            if not 1 <= needed <= count <= 16:
                raise InvalidShares(
                    f"group {number} needs 1 to 16 shares, and no more than it has", part="groups", group=number
                )
            if needed == 1 and count > 1:
                raise InvalidShares(
                    f"group {number}: one share of several would be copies of the secret; make it 1 of 1",
                    part="groups",
                    group=number,
                )


def split_secret(
    master_secret: Secret,
    plan: SharePlan,
    passphrase: str = "",
    *,
    extendable: bool = True,
    iteration_exponent: int = 1,
) -> list[list[str]]:
    """The shares, group by group. Each call makes another set; sets do not mix.

    Args:
        master_secret: 16 to 64 bytes, an even number.
        passphrase: Printable ASCII. Another passphrase opens another secret; none is ever called wrong.
        extendable: Further sets of the same secret open with the same passphrase.

    Raises:
        InvalidShares: A length, passphrase or exponent that cannot be.
    """
    if not 16 <= len(master_secret) <= 64 or len(master_secret) % 2:
        raise InvalidShares("a master secret has 16 to 64 bytes, an even number", part="secret")
    if not 0 <= iteration_exponent <= MAX_ITERATION_EXPONENT:
        raise InvalidShares(f"the iteration exponent is 0 … {MAX_ITERATION_EXPONENT}", part="iteration_exponent")
    shares: list[list[str]] = shamir.generate_mnemonics(
        plan.group_threshold,
        plan.groups,
        bytes(master_secret.expose()),
        _passphrase(passphrase),
        extendable,
        iteration_exponent,
    )
    return shares


def combine_shares(shares: Sequence[str], passphrase: str = "") -> Secret:
    """The master secret of enough shares.

    Raises:
        InvalidShares: `part` says what is wrong: count, words, checksum, format, mixed, duplicate, missing, digest;
            `share` (counted from 1) which share, `positions` which words.
    """
    opening = _passphrase(passphrase)
    if not 1 <= len(shares) <= MAX_SHARES:
        raise InvalidShares(f"give 1 to {MAX_SHARES} shares", part="count")
    read = [_read_share(text, number) for number, text in enumerate(shares, 1)]
    _require_one_set(read)
    groups: dict[int, shamir.ShareGroup] = {}
    for share in read:
        groups.setdefault(share.group_index, shamir.ShareGroup()).add(share)
    complete = {index: group.get_minimal_group() for index, group in groups.items() if group.is_complete()}
    needed = read[0].group_threshold
    if len(complete) < needed:
        short = {
            str(index + 1): group.member_threshold() - len(group)
            for index, group in groups.items()
            if not group.is_complete()
        }
        told = ", ".join(f"{count} more of group {index}" for index, count in short.items())
        raise InvalidShares(
            f"{len(complete)} of {needed} groups are complete" + (f": {told}" if told else ""),
            part="missing",
            complete=len(complete),
            needed=needed,
        )
    chosen = {index: complete[index] for index in sorted(complete)[:needed]}
    try:
        return Secret(shamir.recover_ems(chosen).decrypt(opening))
    except MnemonicError:
        raise InvalidShares("the shares do not fit together: one of them is of another secret", part="digest") from None


def _read_share(text: str, number: int) -> Share:
    words = text.lower().split()
    if not MIN_WORDS <= len(words) <= MAX_WORDS:
        raise InvalidShares(
            f"share {number} has {len(words)} words; shares have 20, 33 or up to {MAX_WORDS}",
            part="words",
            share=number,
            words=len(words),
        )
    unknown = [position for position, word in enumerate(words, 1) if word not in wordlist.WORD_INDEX_MAP]
    if unknown:
        which = ", ".join(map(str, unknown))
        raise InvalidShares(
            f"share {number}: word {which} (counted from 1) is not in the list. Check the spelling",
            part="words",
            share=number,
            positions=unknown,
        )
    indices = [wordlist.WORD_INDEX_MAP[word] for word in words]
    extendable = bool(indices[1] >> 4 & 1)
    custom = b"shamir_extendable" if extendable else b"shamir"
    if not rs1024.verify_checksum(tuple(indices), custom):
        raise InvalidShares(
            f"share {number}: the checksum does not fit: a word is wrong or two changed places",
            part="checksum",
            share=number,
        )
    try:
        share = Share.from_mnemonic(" ".join(words))
    except MnemonicError:
        # Its message repeats words.
        raise InvalidShares(
            f"share {number} is no share of a secret: its length, padding or thresholds cannot be",
            part="format",
            share=number,
        ) from None
    if len(share.value) < 16:
        raise InvalidShares(f"share {number} is too short for a secret of 16 bytes", part="format", share=number)
    if share.iteration_exponent > MAX_ITERATION_EXPONENT:
        raise InvalidShares(
            f"share {number} asks for 2^{share.iteration_exponent} times the usual work; "
            f"up to 2^{MAX_ITERATION_EXPONENT} is done here",
            part="iteration_exponent",
            share=number,
        )
    return share


def _require_one_set(shares: Sequence[Share]) -> None:
    first = shares[0]
    members: dict[tuple[int, int], tuple[int, bytes]] = {}
    thresholds: dict[int, tuple[int, int]] = {}
    for number, share in enumerate(shares, 1):
        if share.common_parameters() != first.common_parameters() or len(share.value) != len(first.value):
            raise InvalidShares(f"share {number} is of another set than share 1", part="mixed", share=number)
        at, threshold = thresholds.setdefault(share.group_index, (number, share.member_threshold))
        if threshold != share.member_threshold:
            raise InvalidShares(
                f"shares {at} and {number} disagree on how many their group needs", part="mixed", share=number
            )
        where = (share.group_index, share.index)
        known = members.setdefault(where, (number, share.value))
        if known[1] != share.value:
            raise InvalidShares(
                f"shares {known[0]} and {number} have the same place and differ", part="duplicate", share=number
            )


def _passphrase(text: str) -> bytes:
    if any(ord(character) not in _PRINTABLE for character in text):
        raise InvalidShares("the passphrase of shares is printable ASCII text", part="passphrase")
    return text.encode()


def fresh_master_secret(strength: int) -> Secret:
    """Entropy of the operating system: 128 bits for shares of 20 words, 256 for 33. Raises InvalidValue otherwise."""
    if strength not in (128, 256):
        raise InvalidValue("a new master secret has 128 or 256 bits")
    return Secret(secrets.token_bytes(strength // 8))
