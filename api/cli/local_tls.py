"""`quanbao up --tls`: serve the local network over HTTPS."""

from __future__ import annotations

from rich.console import Console

from api.settings import Settings
from api.tls import ensure_local_tls, local_addresses, local_host_name
from primitives.errors import OperationError


def with_local_tls(settings: Settings, host: str | None, *, demo_once: bool) -> Settings:
    """The settings with a certificate of our own authority, listening for the network unless QUANBAO_HOST says where.

    Raises:
        OperationError: The demo is for loopback without TLS.
    """
    if demo_once:
        raise OperationError("the demo runs without --tls: play it first with `quanbao up --demo-once`")
    name = host or local_host_name()
    made = ensure_local_tls(settings.data_dir / "tls", name, local_addresses())
    listen = settings.host if "host" in settings.model_fields_set else "0.0.0.0"
    chosen = settings.model_copy(
        update={
            "host": listen,
            "tls_certificate": made.certificate,
            "tls_key": made.key,
            "tls_authority": made.authority,
            "public_url": settings.public_url or f"https://{name}:{settings.port}",
        }
    )
    chosen = chosen.model_copy(update={"demo": settings.demo and chosen.loopback})
    console = Console(stderr=True, highlight=False)
    console.print(f"Open {chosen.public_url} on the phone, after it trusts this authority:", soft_wrap=True)
    console.print(f"  {made.authority}", soft_wrap=True)
    console.print(f"  SHA-256 {made.fingerprint}", soft_wrap=True)
    return chosen
