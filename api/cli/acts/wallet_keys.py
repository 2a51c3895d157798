"""`quanbao wallet …`: keys of other wallets, exports, schemes and watching. Secrets are asked for, never arguments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.acts.answers import AsJson, ask, show

app = typer.Typer()
Hidden = typer.Option(prompt=True, hide_input=True, help="Asked for when not given.")
Label = Annotated[str, typer.Argument(help="The wallet's name.")]
Wallet = Annotated[str, typer.Argument(help="The wallet's id.")]


@app.command("import-words")
def import_words(
    label: Label,
    mnemonic: Annotated[str, Hidden] = "",
    bip39_passphrase: Annotated[str, typer.Option(help="Of BIP-39, if the words have one.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a wallet from BIP-39 words of any of the ten languages; needs unlocked keys."""
    body = {"label": label, "mnemonic": mnemonic, "bip39_passphrase": bip39_passphrase}
    show(ask(lambda api: api.post("/wallets/import", body)), as_json=as_json)


@app.command("import-key")
def import_key(
    label: Label,
    form: Annotated[str, typer.Option(help="hex, wif, solana_base58, solana_json or extended_key.")] = "hex",
    curve: Annotated[str | None, typer.Option(help="Of hex: secp256k1 (default) or ed25519.")] = None,
    file: Annotated[Path | None, typer.Option(help="Read the key from here, such as ~/.config/solana/id.json.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a wallet of one key, or of an extended private key; needs unlocked keys."""
    key = file.read_text() if file is not None else typer.prompt("Key", hide_input=True)
    body = {"label": label, "key": key.strip(), "form": form, "curve": curve}
    show(ask(lambda api: api.post("/wallets/import/key", body)), as_json=as_json)


@app.command("import-file")
def import_file(
    label: Label,
    file: Annotated[Path, typer.Argument(help="A key file of version 3 or 1.", exists=True, dir_okay=False)],
    password: Annotated[str, Hidden] = "",
    as_json: AsJson = False,
) -> None:
    """Make a wallet from a password-protected key file; needs unlocked keys."""
    body = {"label": label, "file": file.read_text(), "password": password}
    show(ask(lambda api: api.post("/wallets/import/keystore", body)), as_json=as_json)


@app.command("import-shares")
def import_shares(
    label: Label,
    count: Annotated[int, typer.Option(help="How many shares you will type.", min=1, max=256)] = 2,
    passphrase: Annotated[str, typer.Option(help="Of the shares, if they have one.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a wallet from SLIP-39 shares; needs unlocked keys."""
    shares = [typer.prompt(f"Share {number}", hide_input=True) for number in range(1, count + 1)]
    body = {"label": label, "shares": shares, "passphrase": passphrase}
    show(ask(lambda api: api.post("/wallets/import/shares", body)), as_json=as_json)


@app.command("create-shares")
def create_shares(label: Label, strength: int = 128, as_json: AsJson = False) -> None:
    """Make a wallet whose backup is SLIP-39 shares; then export them."""
    show(ask(lambda api: api.post("/wallets/shares", {"label": label, "strength": strength})), as_json=as_json)


@app.command()
def watch(
    label: Label,
    extended_public_key: Annotated[str | None, typer.Argument(help="xpub, ypub, zpub …; none: addresses.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a wallet that only watches."""
    body = {"label": label, "extended_public_key": extended_public_key}
    show(ask(lambda api: api.post("/wallets/watch", body)), as_json=as_json)


@app.command("watch-address")
def watch_address(
    wallet: Wallet,
    network: Annotated[str, typer.Argument(help="CAIP-2.")],
    address: Annotated[str | None, typer.Argument(help="None: the next of the wallet's extended public key.")] = None,
    as_json: AsJson = False,
) -> None:
    """Watch one more address."""
    body = {"network": network, "address": address}
    show(ask(lambda api: api.post(f"/wallets/{wallet}/watched", body)), as_json=as_json)


@app.command()
def watched(as_json: AsJson = False) -> None:
    """What the watched addresses hold."""
    show(ask(lambda api: api.get("/wallets/watched")), ("label", "address", "amount"), as_json=as_json)


@app.command()
def schemes(
    network: Annotated[str | None, typer.Argument(help="CAIP-2; none: all.")] = None, as_json: AsJson = False
) -> None:
    """Every known place of keys: Ledger Live, Phantom, Trust and the others."""
    query = {} if network is None else {"network": network}
    answer = ask(lambda api: api.get("/wallets/schemes", **query))
    rows = [{"network": each["network"], **scheme} for each in answer["items"] for scheme in each["schemes"]]
    shown: Any = answer if as_json else {"items": rows}
    show(shown, ("network", "name", "path", "wallets"), as_json=as_json)


@app.command()
def candidates(wallet: Wallet, network: str, count: int = 3, as_json: AsJson = False) -> None:
    """The wallet's first addresses by every known scheme; needs unlocked keys."""
    body = {"network": network, "count": count}
    answer = ask(lambda api: api.post(f"/wallets/{wallet}/candidates", body))
    show(answer, ("scheme", "path", "address", "wallets"), as_json=as_json)


@app.command()
def addresses(as_json: AsJson = False) -> None:
    """Your addresses on networks without a node here, and those you watch."""
    columns = ("label", "network", "address", "scheme", "path", "watch_only")
    show(ask(lambda api: api.get("/wallets/addresses")), columns, as_json=as_json)


@app.command("add-address")
def add_address(
    wallet: Wallet,
    network: Annotated[str, typer.Argument(help="CAIP-2, such as that of Bitcoin in `wallet schemes`.")],
    scheme: Annotated[str | None, typer.Option(help="A name of `wallet schemes`.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make the next address of a wallet on Bitcoin, TRON, Aptos, Polkadot, Kusama or EOS; needs unlocked keys."""
    body = {"network": network, "scheme": scheme}
    show(ask(lambda api: api.post(f"/wallets/{wallet}/addresses", body)), as_json=as_json)


@app.command("extended-public-key")
def extended_public_key(wallet: Wallet, path: str, prefix: str = "xpub", as_json: AsJson = False) -> None:
    """The public half of a branch, for a watch-only wallet elsewhere; needs unlocked keys."""
    body = {"path": path, "prefix": prefix}
    show(ask(lambda api: api.post(f"/wallets/{wallet}/extended-public-key", body)), as_json=as_json)


@app.command()
def export(
    wallet: Wallet,
    form: Annotated[
        str,
        typer.Argument(
            help="mnemonic, shares, hex, keystore, wif, wif_testnet, solana_base58, solana_json or extended_key."
        ),
    ],
    path: Annotated[str | None, typer.Option(help="Of the key in its wallet.")] = None,
    curve: Annotated[str | None, typer.Option(help="Of hex: secp256k1 or ed25519.")] = None,
    group: Annotated[
        list[str] | None, typer.Option(help="For shares: needed/shares, such as 2/3; once for each group.")
    ] = None,
    groups_needed: int = 1,
    passphrase: Annotated[str | None, typer.Option(help="Of the keystore; asked for when not given.")] = None,
) -> None:
    """Let a secret out on standard output; asks for the keystore's passphrase and is audited."""
    # Questions go to standard error: the secret alone may be led into a file.
    if passphrase is None:
        passphrase = typer.prompt("Passphrase", hide_input=True, err=True)
    body: dict[str, Any] = {"passphrase": passphrase, "form": form, "path": path, "curve": curve}
    if form == "keystore":
        body["file_password"] = typer.prompt(
            "Password of the file", hide_input=True, confirmation_prompt=True, err=True
        )
    if form == "shares":
        body["shares"] = {"groups_needed": groups_needed, "groups": [_group(text) for text in group or ["2/3"]]}
    answer = ask(lambda api: api.post(f"/wallets/{wallet}/export", body))
    lines = [answer["text"]] if answer["text"] is not None else [share for each in answer["groups"] for share in each]
    sys.stdout.write("\n".join(lines) + "\n")
    if answer["bip39_passphrase"] is not None:
        sys.stderr.write("These words belong with the BIP-39 passphrase of this wallet.\n")


def _group(text: str) -> dict[str, int]:
    needed, _, shares = text.partition("/")
    if not (needed.isdigit() and shares.isdigit()):
        raise typer.BadParameter(f"{text!r} is not needed/shares, such as 2/3")
    return {"needed": int(needed), "shares": int(shares)}
