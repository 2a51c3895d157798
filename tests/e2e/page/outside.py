"""Wallets elsewhere: keys in this process that sign for real, behind what their extensions put into a page."""

from __future__ import annotations

from eth_account import Account
from eth_account.messages import encode_defunct
from nacl.signing import SigningKey

from primitives.base58 import encode_base58
from tests.e2e.page.browser import Seat

_COMMON = """
const heard = async what => {
  const code = await window.outsideSays(what);
  if (code) throw { code, message: "as the test says" };
};
const evm = { request: async ({ method, params }) => {
  await heard(method);
  if (method === "eth_requestAccounts") return [await window.outsideEvmAddress()];
  if (method === "eth_chainId") return "CHAIN";
  if (method === "personal_sign") return window.outsideEvmSigns(params[0]);
  throw { code: 4200, message: "unsupported" };
} };
const signed = async message => Uint8Array.from(await window.outsideSolanaSigns([...message]));
const solana = {
  connect: async () => {
    await heard("connect");
    const address = await window.outsideSolanaAddress();
    return { publicKey: { toString: () => address } };
  },
  signMessage: async message => {
    await heard("signMessage");
    return { signature: await signed(message) };
  },
};
"""
_WINDOW = "window.ethereum = evm; window.phantom = { solana };"
_ANNOUNCED = """
const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", {
  detail: Object.freeze({ info: { uuid: "1", name: "Field mouse", icon: "", rdns: "test.mouse" }, provider: evm }),
}));
window.addEventListener("eip6963:requestProvider", announce);
const standard = {
  version: "1.0.0", name: "Sun bird", icon: "", chains: ["solana:mainnet"], accounts: [],
  features: {
    "standard:connect": { version: "1.0.0", connect: async () => ({
      accounts: [{ address: await window.outsideSolanaAddress(), chains: ["solana:mainnet"], features: [] }],
    }) },
    "solana:signMessage": { version: "1.0.0", signMessage: async ({ message }) => [
      { signedMessage: message, signature: await signed(message) },
    ] },
  },
};
window.addEventListener("wallet-standard:app-ready", event => event.detail.register(standard));
"""


class Outside:
    """One account of each family.

    Attributes:
        answers: Codes with which the next questions of a name are refused, by that name; each is used once.
    """

    def __init__(self) -> None:
        self.evm = Account.create()
        self.solana = SigningKey.generate()
        self.answers: dict[str, int] = {}

    @property
    def solana_address(self) -> str:
        return encode_base58(bytes(self.solana.verify_key))

    def put_into(self, seat: Seat, *, announced: bool = False, chain: str = "0x1") -> None:
        """As MetaMask and Phantom do, or as two others that only announce themselves (EIP-6963, Wallet Standard)."""
        page = seat.page
        page.expose_function("outsideSays", lambda what: self.answers.pop(what, 0))
        page.expose_function("outsideEvmAddress", lambda: self.evm.address)
        page.expose_function("outsideEvmSigns", self._signed_on_evm)
        page.expose_function("outsideSolanaAddress", lambda: self.solana_address)
        page.expose_function("outsideSolanaSigns", lambda message: list(self.solana.sign(bytes(message)).signature))
        script = _COMMON.replace("CHAIN", chain) + (_ANNOUNCED if announced else _WINDOW)
        page.add_init_script(f"(() => {{ {script} }})()")

    def _signed_on_evm(self, text: str) -> str:
        signature: str = self.evm.sign_message(encode_defunct(hexstr=text)).signature.hex()
        return "0x" + signature.removeprefix("0x")
