"""Passkeys (WebAuthn): a device's fingerprint or face opens a session; nothing of either reaches us."""
