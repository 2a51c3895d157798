"""The addresses of public keys, and the check of addresses, by the name that the registry gives their form."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from coincurve import PublicKey as Secp256k1PublicKey

from codec.aptos.address import aptos_address, parse_aptos_address
from codec.bitcoin.address import (
    MAINNET,
    TESTNET,
    p2pkh,
    p2pkh_uncompressed,
    p2sh_p2wpkh,
    p2tr,
    p2wpkh,
    parse_bitcoin_address,
)
from codec.eos.public_key import eos_public_key, parse_eos_public_key
from codec.polkadot.address import parse_ss58_address, ss58_address
from codec.tron.address import parse_tron_address, tron_address
from primitives.account_id import checksum_address, parse_evm_address, parse_solana_address
from primitives.base58 import encode_base58
from primitives.errors import InvalidValue
from primitives.hashing import keccak256
from primitives.signing import PublicKey

_BITCOIN: Mapping[str, Callable[..., str]] = {
    "p2pkh": p2pkh,
    "p2pkh-uncompressed": p2pkh_uncompressed,
    "p2sh-p2wpkh": p2sh_p2wpkh,
    "p2wpkh": p2wpkh,
    "p2tr": p2tr,
}
BITCOIN_TESTNET = "bip122:000000000933ea01ad0ee984209779ba"


def address_of(public_key: PublicKey, form: str, network: str) -> str:
    """The address of a key.

    Args:
        form: `evm`, `solana`, a Bitcoin script type, `tron`, `aptos`, `ss58:<prefix>` or `eos`.
        network: CAIP-2.

    Raises:
        InvalidValue: The form is not known.
    """
    raw = public_key.raw
    if form in _BITCOIN:
        return _BITCOIN[form](raw, TESTNET if network == BITCOIN_TESTNET else MAINNET)
    if form.startswith("ss58:"):
        return ss58_address(raw, int(form.removeprefix("ss58:")))
    match form:
        case "evm":
            return checksum_address(keccak256(Secp256k1PublicKey(raw).format(compressed=False)[1:])[12:])
        case "solana":
            return encode_base58(raw)
        case "tron":
            return tron_address(raw)
        case "aptos":
            return aptos_address(raw)
        case "eos":
            return eos_public_key(raw)
    raise InvalidValue(f"addresses of the form {form!r} are not known")


def canonical_address(text: str, form: str, network: str) -> str:
    """An address that somebody typed, checked and written in its one form.

    Raises:
        InvalidAddress: Not an address of this network.
    """
    if form in _BITCOIN:
        parse_bitcoin_address(text, TESTNET if network == BITCOIN_TESTNET else MAINNET)
        return text.lower() if text.upper() == text else text
    if form.startswith("ss58:"):
        prefix = int(form.removeprefix("ss58:"))
        return ss58_address(parse_ss58_address(text, prefix), prefix)
    match form:
        case "evm":
            return checksum_address(parse_evm_address(text))
        case "solana":
            return encode_base58(parse_solana_address(text))
        case "tron":
            parse_tron_address(text)
            return text
        case "aptos":
            return "0x" + parse_aptos_address(text).hex()
        case "eos":
            return eos_public_key(parse_eos_public_key(text))
    raise InvalidValue(f"addresses of the form {form!r} are not known")
