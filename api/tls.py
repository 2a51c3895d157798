"""A certificate authority of this machine's own, for a phone on the same network (`quanbao up --tls`)."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_AUTHORITY_LIFETIME = timedelta(days=3650)
_LEAF_LIFETIME = timedelta(days=390)
"""Browsers refuse certificates of more than 398 days."""
_RENEW_BEFORE = timedelta(days=30)
_BACKDATED = timedelta(hours=1)
_OWN_NETWORKS = (
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "::1/128",
    "fc00::/7",
)


@dataclass(frozen=True, slots=True)
class LocalTls:
    """PEM files. `fingerprint`: SHA-256 of the authority's certificate, for comparing it on the phone."""

    host: str
    authority: Path
    certificate: Path
    key: Path
    fingerprint: str


def ensure_local_tls(folder: Path, host: str, addresses: Sequence[str]) -> LocalTls:
    """The authority, made once, and a certificate for this host and these addresses, renewed when they change.

    The authority may only speak for this host's name, `localhost`, `.local` and addresses of private networks (name
    constraints, RFC 5280 §4.2.1.10): whoever trusts it on a phone trusts nothing else by it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority_file, authority_key_file = folder / "authority.pem", folder / "authority.key"
    if not (authority_file.exists() and authority_key_file.exists()):
        key = ec.generate_private_key(ec.SECP256R1())
        _write(authority_key_file, _pem(key), 0o600)
        _write(authority_file, _authority(key, host).public_bytes(serialization.Encoding.PEM), 0o644)
    authority = x509.load_pem_x509_certificate(authority_file.read_bytes())
    authority_key = serialization.load_pem_private_key(authority_key_file.read_bytes(), None)
    assert isinstance(authority_key, ec.EllipticCurvePrivateKey)
    names = _names(host, addresses)
    certificate_file, key_file = folder / "server.pem", folder / "server.key"
    if not _is_current(certificate_file, key_file, authority, names):
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = _leaf(key, host, names, authority, authority_key)
        _write(key_file, _pem(key), 0o600)
        _write(certificate_file, leaf.public_bytes(serialization.Encoding.PEM), 0o644)
    digest = authority.fingerprint(hashes.SHA256()).hex(":").upper()
    return LocalTls(host, authority_file, certificate_file, key_file, digest)


def local_host_name() -> str:
    """What other machines of the same network call this one (multicast DNS, RFC 6762)."""
    name = socket.gethostname().partition(".")[0].lower() or "quanbao"
    return f"{name}.local"


def local_addresses() -> Sequence[str]:
    """Addresses by which others reach this machine, without asking anybody."""
    found = {"127.0.0.1"}
    for target in ("192.0.2.1", "2001:db8::1"):
        family = socket.AF_INET6 if ":" in target else socket.AF_INET
        try:
            # A datagram socket that connects sends nothing; it only chooses the route.
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((target, 9))
                found.add(probe.getsockname()[0].partition("%")[0])
        except OSError:
            continue
    return sorted(found)


def _names(host: str, addresses: Sequence[str]) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in dict.fromkeys((host, "localhost"))]
    for address in dict.fromkeys(addresses):
        parsed = ipaddress.ip_address(address)
        if any(parsed.version == net.version and parsed in net for net in map(ipaddress.ip_network, _OWN_NETWORKS)):
            names.append(x509.IPAddress(parsed))
    return names


def _authority(key: ec.EllipticCurvePrivateKey, host: str) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Quanbao on {host}"[:64])])
    now = datetime.now(UTC)
    permitted: list[x509.GeneralName] = [x509.DNSName(each) for each in dict.fromkeys((host, "localhost", "local"))]
    permitted += [x509.IPAddress(ipaddress.ip_network(network)) for network in _OWN_NETWORKS]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + _AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _leaf(
    key: ec.EllipticCurvePrivateKey,
    host: str,
    names: Sequence[x509.GeneralName],
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + _LEAF_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _is_current(certificate: Path, key: Path, authority: x509.Certificate, names: Sequence[x509.GeneralName]) -> bool:
    try:
        leaf = x509.load_pem_x509_certificate(certificate.read_bytes())
        leaf.verify_directly_issued_by(authority)
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:
        # Absent, damaged, or of an authority that is gone: whatever it is, it is made anew.
        return False
    return key.exists() and set(found) >= set(names) and leaf.not_valid_after_utc - datetime.now(UTC) > _RENEW_BEFORE


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.chmod(mode)
    temporary.replace(path)
