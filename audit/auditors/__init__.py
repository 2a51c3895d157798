"""Access of outside auditors: tokens that read some campaigns' facts of some time, and nothing else; every reading is
an entry of the hash-chained audit log."""
