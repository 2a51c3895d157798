"""Addresses and symbols that are made to be mistaken for others.

Poisoners grind addresses whose first and last digits are those of somebody you pay, and send nothing, or worthless
tokens, from them, so that they stand in your history. Rule: the same four digits at both ends as an address that the
owner has paid, while being another one (as in MetaMask's phishing controller). Sources: ERC-55 for the form; Unicode
UTS 39 for confusable text, of which NFKC folding and a short table of Cyrillic and Greek letters are used.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable

from primitives.account_id import AccountId

DIGITS = 4
_CONFUSABLE = str.maketrans("АВЕКМНОРСТУХасеорхуѕіјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTYXaceopxysijABEZHIKMNOPTYXo")
_LURES = ("http", "www.", ".com", ".org", ".io", ".net", ".xyz", "claim", "visit", "airdrop", "reward", "t.me/")


def resembles(address: AccountId, known: Iterable[AccountId]) -> AccountId | None:
    """The known address for which this one could be mistaken; None when there is none, or it is itself known."""
    text = _body(address)
    head, tail = text[:DIGITS], text[-DIGITS:]
    found = None
    for one in known:
        if one == address:
            return None
        other = _body(one)
        if one.chain.family == address.chain.family and other[:DIGITS] == head and other[-DIGITS:] == tail:
            found = one
    return found


def _body(account: AccountId) -> str:
    """EVM digits without prefix, whatever their case; other addresses as they are written."""
    return account.address[2:].lower() if account.chain.family == "eip155" else account.address


def plain_symbol(symbol: str) -> str:
    """What a reader takes a symbol for."""
    folded = unicodedata.normalize("NFKC", symbol).translate(_CONFUSABLE)
    return "".join(one for one in folded if one.isalnum()).casefold()


def imitates(symbol: str, known: Collection[str]) -> bool:
    """Whether a symbol of an unknown contract reads like one of a known asset."""
    return plain_symbol(symbol) in {plain_symbol(one) for one in known}


def lures(text: str) -> bool:
    """Whether a token's name sends its reader somewhere."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return any(lure in folded for lure in _LURES)
