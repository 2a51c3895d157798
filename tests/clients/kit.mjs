// @solana/kit with @solana-program/*, unchanged, against the local Solana chain: node kit.mjs RPC_URL

import assert from "node:assert/strict";
import { setMaxListeners } from "node:events";

import * as tables from "@solana-program/address-lookup-table";
import * as system from "@solana-program/system";
import * as token from "@solana-program/token-2022";
import * as kit from "@solana/kit";

import { run, thrown, until, within } from "./scenarios.mjs";

const url = process.argv[2];
const socketUrl = url.replace("http", "ws").replace(/\d+$/, (port) => String(Number(port) + 1));
const rpc = kit.createSolanaRpc(url);
const subscriptions_ = kit.createSolanaRpcSubscriptions_UNSTABLE(socketUrl);
const sendAndConfirm = kit.sendAndConfirmTransactionFactory({ rpc, rpcSubscriptions: subscriptions_ });
const airdrop = kit.airdropFactory({ rpc, rpcSubscriptions: subscriptions_ });
const MEMO = kit.address("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");
const T22 = token.TOKEN_2022_PROGRAM_ADDRESS;
const SOL = 1_000_000_000n;
const payer = await kit.generateKeyPairSigner();
const confirmed = { commitment: "confirmed" };

const gift = (destination, amount, source = payer) => system.getTransferSolInstruction({ source, destination, amount });
const memo = (text, ...signers) => ({
  programAddress: MEMO,
  accounts: signers.map((signer) => ({ address: signer.address, role: kit.AccountRole.READONLY_SIGNER, signer })),
  data: new TextEncoder().encode(text),
});

async function signed(instructions, { version = 0, change = (message) => message } = {}) {
  const { value: blockhash } = await rpc.getLatestBlockhash(confirmed).send();
  const message = kit.pipe(
    kit.createTransactionMessage({ version }),
    (m) => kit.setTransactionMessageFeePayerSigner(payer, m),
    (m) => kit.setTransactionMessageLifetimeUsingBlockhash(blockhash, m),
    (m) => kit.appendTransactionMessageInstructions(instructions, m),
    change,
  );
  return kit.signTransactionMessageWithSigners(message);
}
async function send(instructions, options) {
  const transaction = await signed(instructions, options);
  await sendAndConfirm(transaction, confirmed);
  return kit.getSignatureFromTransaction(transaction);
}
const balance = async (address) => (await rpc.getBalance(address, confirmed).send()).value;
const fresh = async () => (await kit.generateKeyPairSigner()).address;

async function airdropAndTransfer() {
  await airdrop({ recipientAddress: payer.address, lamports: kit.lamports(50n * SOL), commitment: "confirmed" });
  const receiver = await fresh();
  const signature = await send([gift(receiver, SOL)]);
  assert.equal(await balance(receiver), SOL);
  await send([gift(receiver, SOL)], { version: "legacy" });
  assert.equal(await balance(receiver), 2n * SOL);
  const { value } = await rpc.getSignatureStatuses([signature]).send();
  assert.equal(value[0].err, null);
  const shown = await rpc.getTransaction(signature, { ...confirmed, encoding: "jsonParsed", maxSupportedTransactionVersion: 0 }).send();
  assert.equal(shown.meta.fee, 5000n);
  assert.equal(shown.transaction.message.instructions[0].parsed.info.lamports, SOL);
}

async function cluster() {
  assert.equal(await rpc.getHealth().send(), "ok");
  const version = await rpc.getVersion().send();
  assert.match(version["solana-core"], /^\d+\.\d+\.\d+/);
  const epoch = await rpc.getEpochInfo().send();
  assert.equal(typeof epoch.absoluteSlot, "bigint");
  assert.equal((await rpc.getEpochSchedule().send()).slotsPerEpoch, epoch.slotsInEpoch);
  assert.equal(kit.isAddress((await rpc.getIdentity().send()).identity), true);
  const { value: recent } = await rpc.getLatestBlockhash().send();
  assert.equal((await rpc.isBlockhashValid(recent.blockhash).send()).value, true);
  assert.ok((await rpc.getBlockHeight().send()) <= recent.lastValidBlockHeight);
  assert.equal(await rpc.getMinimumBalanceForRentExemption(165n).send(), 2_039_280n);
  assert.ok((await rpc.getRecentPrioritizationFees([payer.address]).send()).length > 0);
  assert.ok((await rpc.getSupply().send()).value.total > 0n);
  assert.equal((await rpc.getClusterNodes().send()).length, 1);
  assert.ok((await rpc.getBlocks(0n, 3n).send()).length === 4);
  assert.ok((await rpc.getBlockTime(1n).send()) > 1_600_000_000n);
  assert.deepEqual((await rpc.getVoteAccounts().send()).delinquent, []);
  assert.equal((await rpc.getSlotLeaders(1n, 2).send()).length, 2);
  assert.equal(await rpc.getFirstAvailableBlock().send(), 0n);
  assert.ok((await rpc.getRecentPerformanceSamples(1).send()).length === 1);
  assert.ok((await rpc.getLargestAccounts().send()).value.length > 0);
}

async function newMint(extensions, { decimals = 2, freeze = null } = {}) {
  const mint = await kit.generateKeyPairSigner();
  const space = BigInt(token.getMintSize(extensions));
  const rent = await rpc.getMinimumBalanceForRentExemption(space).send();
  await send([
    system.getCreateAccountInstruction({ payer, newAccount: mint, lamports: rent, space, programAddress: T22 }),
    ...token.getPreInitializeInstructionsForMintExtensions(mint.address, extensions),
    token.getInitializeMint2Instruction({ mint: mint.address, decimals, mintAuthority: payer.address, freezeAuthority: freeze }),
  ]);
  return mint.address;
}
async function openAccount(mint, owner) {
  await send([await token.getCreateAssociatedTokenIdempotentInstructionAsync({ payer, owner, mint, tokenProgram: T22 })]);
  return (await token.findAssociatedTokenPda({ owner, mint, tokenProgram: T22 }))[0];
}

async function token2022Life() {
  const [holder, friend] = [await kit.generateKeyPairSigner(), await kit.generateKeyPairSigner()];
  const mint = await newMint([
    token.extension("TransferFeeConfig", {
      transferFeeConfigAuthority: payer.address, withdrawWithheldAuthority: payer.address, withheldAmount: 0n,
      newerTransferFee: { epoch: 0n, maximumFee: 5000n, transferFeeBasisPoints: 100 },
      olderTransferFee: { epoch: 0n, maximumFee: 5000n, transferFeeBasisPoints: 100 },
    }),
    token.extension("MintCloseAuthority", { closeAuthority: payer.address }),
    token.extension("PausableConfig", { authority: payer.address, paused: false }),
  ]);
  const [a, b] = [await openAccount(mint, holder.address), await openAccount(mint, friend.address)];
  await send([token.getMintToCheckedInstruction({ mint, token: a, mintAuthority: payer, amount: 10_000n, decimals: 2 })]);
  await send([token.getTransferCheckedWithFeeInstruction({ source: a, mint, destination: b, authority: holder, amount: 1000n, decimals: 2, fee: 10n })]);
  await send([token.getBurnCheckedInstruction({ account: a, mint, authority: holder, amount: 500n, decimals: 2 })]);
  assert.equal((await token.fetchToken(rpc, a, confirmed)).data.amount, 8500n);
  assert.equal((await token.fetchToken(rpc, b, confirmed)).data.amount, 990n);
  const found = await token.fetchMint(rpc, mint, confirmed);
  assert.equal(found.data.supply, 9500n);
  assert.equal(kit.unwrapOption(found.data.extensions).length, 3);
  await send([token.getApproveCheckedInstruction({ source: a, mint, delegate: friend.address, owner: holder, amount: 7n, decimals: 2 })]);
  const byDelegate = await rpc.getTokenAccountsByDelegate(friend.address, { mint }, { ...confirmed, encoding: "jsonParsed" }).send();
  assert.equal(byDelegate.value[0].account.data.parsed.info.delegatedAmount.amount, "7");
  await send([token.getPauseInstruction({ mint, authority: payer })]);
  const refused = await thrown(() => send([token.getBurnCheckedInstruction({ account: a, mint, authority: holder, amount: 1n, decimals: 2 })]));
  assert.equal(kit.isSolanaError(refused.cause, kit.SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM), true);
  assert.equal(refused.cause.context.code, 67);
  assert.equal((await rpc.getTokenSupply(mint, confirmed).send()).value.uiAmountString, "95");
  assert.equal((await rpc.getTokenLargestAccounts(mint, confirmed).send()).value[0].amount, "8500");
}

async function couponMint() {
  const [holder, authority] = [await kit.generateKeyPairSigner(), await kit.generateKeyPairSigner()];
  const mint = await newMint(
    [
      token.extension("NonTransferable", {}),
      token.extension("PermissionedBurn", { authority: authority.address }),
      token.extension("MintCloseAuthority", { closeAuthority: payer.address }),
    ],
    { decimals: 0 },
  );
  const account = await openAccount(mint, holder.address);
  await send([token.getMintToCheckedInstruction({ mint, token: account, mintAuthority: payer, amount: 1n, decimals: 0 })]);
  const burn = token.getPermissionedBurnCheckedInstruction({
    account, mint, permissionedBurnAuthority: authority, authority: holder, amount: 1n, decimals: 0,
  });
  const signature = await send([burn, memo("redeem:1", holder, authority)]);
  const shown = await rpc.getTransaction(signature, { ...confirmed, encoding: "json", maxSupportedTransactionVersion: 0 }).send();
  assert.equal(shown.meta.preTokenBalances[0].uiTokenAmount.amount, "1");
  assert.equal(shown.meta.postTokenBalances[0].uiTokenAmount.amount, "0");
  const twice = await thrown(() => send([burn, memo("redeem:2", holder, authority)]));
  assert.equal(twice.cause.context.code, 1);
}

async function subscriptions() {
  const watched = await kit.generateKeyPairSigner();
  const abort = new AbortController();
  setMaxListeners(50, abort.signal);
  const heard = {};
  const listen = async (name, request) => {
    heard[name] = [];
    const notices = await request.subscribe({ abortSignal: abort.signal });
    (async () => {
      try {
        for await (const notice of notices) heard[name].push(notice);
      } catch (error) {
        if (!abort.signal.aborted) throw error;
      }
    })();
  };
  const transaction = await signed([gift(watched.address, 2_000_000n), memo("hello", payer)]);
  const signature = kit.getSignatureFromTransaction(transaction);
  await listen("account", subscriptions_.accountNotifications(watched.address, { ...confirmed, encoding: "base64" }));
  await listen("program", subscriptions_.programNotifications(system.SYSTEM_PROGRAM_ADDRESS, { ...confirmed, encoding: "base64", filters: [{ dataSize: 0n }] }));
  await listen("logs", subscriptions_.logsNotifications({ mentions: [watched.address] }, confirmed));
  await listen("signature", subscriptions_.signatureNotifications(signature, { ...confirmed, enableReceivedNotification: true }));
  await listen("slot", subscriptions_.slotNotifications());
  await listen("root", subscriptions_.rootNotifications());
  await listen("updates", subscriptions_.slotsUpdatesNotifications());
  await listen("block", subscriptions_.blockNotifications(
    { mentionsAccountOrProgram: watched.address }, { ...confirmed, encoding: "base64", maxSupportedTransactionVersion: 0, transactionDetails: "signatures" },
  ));
  await sendAndConfirm(transaction, confirmed);
  await until("the account", () => heard.account.some((one) => one.value.lamports === 2_000_000n));
  await until("the program", () => heard.program.some((one) => one.value.pubkey === watched.address));
  await until("the logs", () => heard.logs.some((one) => one.value.signature === signature && one.value.err === null));
  await until("the signature", () => heard.signature.some((one) => one.value?.err === null));
  await until("the slots", () => heard.slot.length > 1 && heard.root.length && heard.updates.length > 1);
  await until("the block", () => heard.block.some((one) => one.value.block?.signatures.includes(signature)));
  assert.ok(heard.updates.every((one) => typeof one.timestamp === "bigint" && typeof one.type === "string"));
  abort.abort();
}

async function blocks() {
  const receiver = await fresh();
  const signature = await send([gift(receiver, 1_000_000n)]);
  const { value } = await rpc.getSignatureStatuses([signature]).send();
  const { slot } = value[0];
  for (const transactionDetails of ["full", "accounts", "signatures", "none"]) {
    const block = await rpc.getBlock(slot, { ...confirmed, transactionDetails, encoding: "json", maxSupportedTransactionVersion: 0, rewards: false }).send();
    assert.equal(block.blockHeight, slot);
    assert.equal(block.parentSlot, slot - 1n);
    if (transactionDetails === "signatures") assert.ok(block.signatures.includes(signature));
    if (transactionDetails === "accounts") assert.ok(block.transactions.some((one) => one.transaction.accountKeys[1].pubkey === receiver));
  }
  const rows = await rpc.getSignaturesForAddress(receiver, { ...confirmed, limit: 10 }).send();
  assert.deepEqual(rows.map((row) => row.signature), [signature]);
  const future = await thrown(() => rpc.getBlock(slot + 100_000n, confirmed).send());
  assert.equal(kit.isSolanaError(future, kit.SOLANA_ERROR__JSON_RPC__SERVER_ERROR_BLOCK_NOT_AVAILABLE), true);
}

async function lookupTables() {
  const addresses = await Promise.all(Array.from({ length: 20 }, fresh));
  const recentSlot = await rpc.getSlot({ commitment: "finalized" }).send();
  const create = await tables.getCreateLookupTableInstructionAsync({ authority: payer, payer, recentSlot });
  const table = create.accounts[0].address;
  await send([create, tables.getExtendLookupTableInstruction({ address: table, authority: payer, payer, addresses })]);
  const found = await tables.fetchAddressLookupTable(rpc, table, confirmed);
  assert.deepEqual(found.data.addresses, addresses);
  const grown = await rpc.getSlot(confirmed).send();
  await until("the next slot", async () => (await rpc.getSlot(confirmed).send()) > grown);
  const signature = await send(addresses.map((to) => gift(to, 1_000_000n)), {
    change: (message) => kit.compressTransactionMessageUsingAddressLookupTables(message, { [table]: addresses }),
  });
  assert.equal(await balance(addresses[19]), 1_000_000n);
  const shown = await rpc.getTransaction(signature, { ...confirmed, encoding: "json", maxSupportedTransactionVersion: 0 }).send();
  assert.equal(shown.meta.loadedAddresses.writable.length, 20);
  const fetched = await kit.fetchAddressesForLookupTables([table], rpc);
  assert.deepEqual(fetched[table], addresses);
}

async function simulation() {
  const receiver = await fresh();
  const transaction = await signed([gift(receiver, 3_000_000n)]);
  const wire = kit.getBase64EncodedWireTransaction(transaction);
  const { value } = await rpc.simulateTransaction(wire, {
    ...confirmed, encoding: "base64", sigVerify: true, innerInstructions: true,
    accounts: { encoding: "base64", addresses: [receiver] },
  }).send();
  assert.equal(value.err, null);
  assert.equal(value.unitsConsumed, 150n);
  assert.equal(value.accounts[0].lamports, 3_000_000n);
  const estimate = kit.estimateComputeUnitLimitFactory({ rpc });
  const message = kit.pipe(
    kit.createTransactionMessage({ version: 0 }),
    (m) => kit.setTransactionMessageFeePayerSigner(payer, m),
    (m) => kit.appendTransactionMessageInstructions([gift(receiver, 3_000_000n)], m),
  );
  assert.equal(await estimate(message), 300);
  const { value: recent } = await rpc.getLatestBlockhash(confirmed).send();
  const compiled = kit.compileTransaction(kit.setTransactionMessageLifetimeUsingBlockhash(recent, message));
  const encoded = kit.getBase64Decoder().decode(compiled.messageBytes);
  assert.equal((await rpc.getFeeForMessage(encoded, confirmed).send()).value, 5000n);
}

async function parsedAccounts() {
  const mint = await newMint([token.extension("MetadataPointer", { authority: payer.address, metadataAddress: payer.address })], { freeze: payer.address });
  const account = await openAccount(mint, payer.address);
  const parsed = await kit.fetchJsonParsedAccount(rpc, account, confirmed);
  assert.deepEqual(parsed.data.parsedAccountMeta, { program: "spl-token-2022", type: "account" });
  assert.equal(parsed.data.mint, mint);
  const many = await kit.fetchJsonParsedAccounts(rpc, [mint, payer.address, await fresh()], confirmed);
  assert.equal(many[0].data.extensions[0].extension, "metadataPointer");
  assert.equal(many[1].exists, true);
  assert.equal(many[2].exists, false);
  const clock = await kit.fetchJsonParsedAccount(rpc, kit.address("SysvarC1ock11111111111111111111111111111111"), confirmed);
  assert.equal(clock.data.parsedAccountMeta.type, "clock");
  const all = await rpc.getProgramAccounts(T22, { ...confirmed, encoding: "base64", withContext: true, filters: [{ memcmp: { offset: 0n, bytes: mint, encoding: "base58" } }] }).send();
  assert.equal(all.value.length, 1);
  const owned = await rpc.getTokenAccountsByOwner(payer.address, { programId: T22 }, { ...confirmed, encoding: "jsonParsed" }).send();
  assert.ok(owned.value.some((one) => one.pubkey === account));
}

async function durableNonce() {
  const nonce = await kit.generateKeyPairSigner();
  const space = BigInt(system.getNonceSize());
  const rent = await rpc.getMinimumBalanceForRentExemption(space).send();
  await send([
    system.getCreateAccountInstruction({ payer, newAccount: nonce, lamports: rent, space, programAddress: system.SYSTEM_PROGRAM_ADDRESS }),
    system.getInitializeNonceAccountInstruction({ nonceAccount: nonce.address, nonceAuthority: payer.address }),
  ]);
  const before = (await system.fetchNonce(rpc, nonce.address, confirmed)).data.blockhash;
  const receiver = await fresh();
  const message = kit.pipe(
    kit.createTransactionMessage({ version: 0 }),
    (m) => kit.setTransactionMessageFeePayerSigner(payer, m),
    (m) => kit.setTransactionMessageLifetimeUsingDurableNonce({ nonce: before, nonceAccountAddress: nonce.address, nonceAuthorityAddress: payer.address }, m),
    (m) => kit.appendTransactionMessageInstruction(gift(receiver, 1_000_000n), m),
  );
  const transaction = await kit.signTransactionMessageWithSigners(message);
  const sendDurable = kit.sendAndConfirmDurableNonceTransactionFactory({ rpc, rpcSubscriptions: subscriptions_ });
  await sendDurable(transaction, confirmed);
  assert.equal(await balance(receiver), 1_000_000n);
  assert.notEqual((await system.fetchNonce(rpc, nonce.address, confirmed)).data.blockhash, before);
}

async function refusals() {
  const receiver = await fresh();
  const overdraft = await thrown(() => send([gift(receiver, 10_000n * SOL)]));
  assert.equal(kit.isSolanaError(overdraft, kit.SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE), true);
  assert.equal(overdraft.cause.context.code, 1);
  assert.ok(overdraft.context.logs.some((line) => line.includes("insufficient lamports")));
  const stranger = await kit.generateKeyPairSigner();
  const stale = await signed([gift(receiver, 1_000_000n)], {
    change: (m) => kit.setTransactionMessageLifetimeUsingBlockhash({ blockhash: stranger.address, lastValidBlockHeight: 1n << 40n }, m),
  });
  const unknown = await thrown(() => rpc.sendTransaction(kit.getBase64EncodedWireTransaction(stale), { encoding: "base64" }).send());
  assert.equal(kit.isSolanaError(unknown.cause, kit.SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND), true);
  const rent = await thrown(() => send([gift(receiver, 10n)]));
  assert.equal(kit.isSolanaError(rent.cause, kit.SOLANA_ERROR__TRANSACTION_ERROR__INSUFFICIENT_FUNDS_FOR_RENT), true);
  assert.equal(rent.cause.context.accountIndex, 1);
  const late = await thrown(() => rpc.getSlot({ minContextSlot: 1n << 40n }).send());
  assert.equal(kit.isSolanaError(late, kit.SOLANA_ERROR__JSON_RPC__SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED), true);
  const once = await signed([gift(receiver, 1_000_000n)]);
  await sendAndConfirm(once, confirmed);
  const twice = await thrown(() => rpc.sendTransaction(kit.getBase64EncodedWireTransaction(once), { encoding: "base64" }).send());
  assert.equal(kit.isSolanaError(twice.cause, kit.SOLANA_ERROR__TRANSACTION_ERROR__ALREADY_PROCESSED), true);
  const noMint = await thrown(() => rpc.getTokenSupply(payer.address).send());
  assert.equal(kit.isSolanaError(noMint, kit.SOLANA_ERROR__JSON_RPC__INVALID_PARAMS), true);
}

await run({
  airdropAndTransfer, cluster, token2022Life, couponMint, subscriptions, blocks, lookupTables, simulation, parsedAccounts,
  durableNonce, refusals,
});
