// The same with viem.
import { createPublicClient, createWalletClient, custom, verifyMessage, verifyTypedData } from "viem";
import { document, provider, tell } from "./provider.mjs";

const [, , , , recipient, otherChain] = process.argv;
const transport = custom(provider, { retryCount: 0 });
const wallet = createWalletClient({ transport });
const reader = createPublicClient({ transport, pollingInterval: 100, cacheTime: 0 });
const [account] = await wallet.requestAddresses();
const before = await reader.getBalance({ address: recipient });
const hash = await wallet.sendTransaction({ account, to: recipient, value: 5n, chain: null });
const receipt = await reader.waitForTransactionReceipt({ hash });
const { domain, types, message } = document(31337);
const typed = { domain, types, primaryType: "Offer", message };
const said = await wallet.signMessage({ account, message: "tea for two" });
const offered = await wallet.signTypedData({ account, ...typed });
const numberOf = (error) => error.walk((cause) => typeof cause.code === "number")?.code;
const refusal = await wallet.signMessage({ account, message: "everything" }).catch(numberOf);
const unknown = await wallet.switchChain({ id: 1 }).catch(numberOf);
await wallet.switchChain({ id: Number(otherChain) });
const switched = await wallet.getChainId();
await wallet.switchChain({ id: 31337 });
const held = (ok) => (ok ? account : null);
tell({
  account,
  paid: (await reader.getBalance({ address: recipient })) - before,
  status: receipt.status === "success" ? 1 : 0,
  message: held(await verifyMessage({ address: account, message: "tea for two", signature: said })),
  document: held(await verifyTypedData({ address: account, ...typed, signature: offered })),
  refusal: refusal === 4001 ? "ACTION_REJECTED" : refusal,
  unknown,
  switched,
});
