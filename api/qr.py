"""QR codes as pictures."""

from __future__ import annotations

import io

import segno


def qr_svg(text: str) -> str:
    """A QR code with a quiet zone of four modules, error correction M.

    Source: ISO/IEC 18004.
    """
    target = io.BytesIO()
    segno.make(text, error="m", micro=False).save(target, kind="svg", xmldecl=False, border=4, scale=4)
    return target.getvalue().decode()
