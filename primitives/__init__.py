"""Value types, ports and the error tree: the vocabulary that every other package speaks.

Imports the standard library, keccak and nothing else.
"""

import os

# eth-hash prefers pycryptodome even when the five times faster pysha3 is installed, and reads this once, when it loads.
os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")
