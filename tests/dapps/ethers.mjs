// An ethers dApp: connect, read, pay, sign, be refused, switch chains.
import { BrowserProvider, verifyMessage, verifyTypedData } from "ethers";
import { document, provider, tell } from "./provider.mjs";

const [, , , , recipient, otherChain] = process.argv;
const browser = new BrowserProvider(provider, "any", { pollingInterval: 100, cacheTimeout: -1 });
const signer = await browser.getSigner();
const account = await signer.getAddress();
const before = await browser.getBalance(recipient);
const sent = await signer.sendTransaction({ to: recipient, value: 5n });
const receipt = await sent.wait();
const { domain, types, message } = document(31337);
const said = await signer.signMessage("tea for two");
const offered = await signer.signTypedData(domain, types, message);
const refusal = await signer.signMessage("everything").catch((error) => error.code);
const unknown = await browser
  .send("wallet_switchEthereumChain", [{ chainId: "0x1" }])
  .catch((error) => error.error?.code);
await browser.send("wallet_switchEthereumChain", [{ chainId: `0x${Number(otherChain).toString(16)}` }]);
const switched = (await new BrowserProvider(provider).getNetwork()).chainId;
await browser.send("wallet_switchEthereumChain", [{ chainId: "0x7a69" }]);
tell({
  account,
  paid: (await browser.getBalance(recipient)) - before,
  status: receipt.status,
  message: verifyMessage("tea for two", said),
  document: verifyTypedData(domain, types, message, offered),
  refusal,
  unknown,
  switched,
});
