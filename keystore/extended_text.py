"""Extended keys between text and memory."""

from __future__ import annotations

from codec.bitcoin.extended_key import ExtendedKeyText, read_extended_key, write_extended_key
from keystore.derivation import ExtendedKey, ExtendedPublicKey
from keystore.secret import Secret
from primitives.errors import InvalidKeyFile
from primitives.signing import Curve


def private_node(fields: ExtendedKeyText) -> ExtendedKey:
    """The extended private key of a text. Raises InvalidKeyFile for a public one."""
    if not fields.version.private:
        raise InvalidKeyFile("this extended key is public: it can be watched, not signed with", part="version")
    return ExtendedKey(
        Curve.SECP256K1,
        Secret(fields.key[1:]),
        Secret(fields.chain_code),
        fields.depth,
        fields.parent_fingerprint,
        fields.child_number,
    )


def public_node(fields: ExtendedKeyText) -> ExtendedPublicKey:
    """The extended public key of a text. Raises InvalidKeyFile for a private one."""
    if fields.version.private:
        raise InvalidKeyFile(
            "this extended key is private and was not watched: import it as a key, or give its public form",
            part="version",
        )
    return ExtendedPublicKey(
        fields.key, fields.chain_code, fields.depth, fields.parent_fingerprint, fields.child_number
    )


def public_text(node: ExtendedPublicKey, prefix: str = "xpub") -> str:
    """An extended public key as text; the prefix says which addresses are meant (SLIP-132)."""
    return write_extended_key(
        prefix, node.depth, node.parent_fingerprint, node.child_number, node.chain_code, node.public_key
    )


def private_text(node: ExtendedKey, prefix: str = "xprv") -> Secret:
    """An extended private key as text."""
    with Secret(b"\0" + node.key.expose()) as key:
        text = write_extended_key(
            prefix,
            node.depth,
            node.parent_fingerprint,
            node.child_number,
            bytes(node.chain_code.expose()),
            bytes(key.expose()),
        )
    return Secret(text.encode())


def depth_of(text: str) -> int:
    """How many levels below the root an extended key is."""
    return read_extended_key(text).depth
