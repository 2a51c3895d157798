"""What payments may still take, under every name that a limit can stand for: reserve, settle, release.

A scope is any text: the account itself (CAIP-10), a gas budget (`campaign:…`, `holder:…`), or a limit that a policy
watches. A reservation is written in the commit that signs, and closed in the commit that ends the payment.
"""
