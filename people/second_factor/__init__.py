"""The second factor beside a password: codes by time (TOTP) and recovery codes. Passkeys stand by themselves."""
