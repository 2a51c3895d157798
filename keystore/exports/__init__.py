"""Keys on their way out, in standard forms; each needs the passphrase again and is audited first."""
