// @solana/web3.js 1.x with @solana/spl-token, unchanged, against the local Solana chain: node web3js.mjs RPC_URL

import assert from "node:assert/strict";

import * as token from "@solana/spl-token";
import {
  AddressLookupTableProgram,
  ComputeBudgetProgram,
  Connection,
  Keypair,
  LAMPORTS_PER_SOL,
  NONCE_ACCOUNT_LENGTH,
  NonceAccount,
  PublicKey,
  SendTransactionError,
  SystemProgram,
  Transaction,
  TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
  sendAndConfirmTransaction,
} from "@solana/web3.js";

import { run, thrown, until, within } from "./scenarios.mjs";

const url = process.argv[2];
const connection = new Connection(url, "confirmed");
const MEMO = new PublicKey("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");
const T22 = token.TOKEN_2022_PROGRAM_ID;
const payer = Keypair.generate();

const send = (instructions, signers = [payer]) =>
  sendAndConfirmTransaction(connection, new Transaction().add(...instructions), signers);
const gift = (to, lamports, from = payer) =>
  SystemProgram.transfer({ fromPubkey: from.publicKey, toPubkey: to, lamports });
const memo = (text, ...signers) =>
  new TransactionInstruction({
    programId: MEMO,
    keys: signers.map((key) => ({ pubkey: key, isSigner: true, isWritable: false })),
    data: Buffer.from(text),
  });
async function versioned(instructions, tables = [], signers = [payer]) {
  const { blockhash } = await connection.getLatestBlockhash();
  const message = new TransactionMessage({ payerKey: payer.publicKey, recentBlockhash: blockhash, instructions });
  const transaction = new VersionedTransaction(message.compileToV0Message(tables));
  transaction.sign(signers);
  return transaction;
}
async function landed(signature, level = "confirmed") {
  const blockhash = await connection.getLatestBlockhash();
  const { value } = await connection.confirmTransaction({ signature, ...blockhash }, level);
  assert.equal(value.err, null);
  return signature;
}

async function airdropAndTransfer() {
  await landed(await connection.requestAirdrop(payer.publicKey, 50 * LAMPORTS_PER_SOL));
  assert.equal(await connection.getBalance(payer.publicKey), 50 * LAMPORTS_PER_SOL);
  const receiver = Keypair.generate().publicKey;
  const signature = await send([gift(receiver, LAMPORTS_PER_SOL)]);
  assert.equal(await connection.getBalance(receiver), LAMPORTS_PER_SOL);
  const info = await connection.getAccountInfo(receiver);
  assert.ok(info.owner.equals(SystemProgram.programId));
  const { context, value } = await connection.getSignatureStatus(signature);
  assert.ok(context.slot >= value.slot);
  assert.equal(value.err, null);
  assert.equal((await connection.getBalanceAndContext(receiver)).value, LAMPORTS_PER_SOL);
}

async function cluster() {
  const version = await connection.getVersion();
  assert.match(version["solana-core"], /^\d+\.\d+\.\d+/);
  assert.equal(typeof version["feature-set"], "number");
  assert.equal(new PublicKey(await connection.getGenesisHash()).toBytes().length, 32);
  const slot = await connection.getSlot();
  const epoch = await connection.getEpochInfo();
  assert.equal(epoch.epoch, Math.floor(epoch.absoluteSlot / epoch.slotsInEpoch));
  const schedule = await connection.getEpochSchedule();
  assert.equal(schedule.getEpoch(slot), Math.floor(slot / schedule.slotsPerEpoch));
  const recent = await connection.getLatestBlockhash();
  assert.ok(recent.lastValidBlockHeight >= (await connection.getBlockHeight()) + 140);
  assert.equal((await connection.isBlockhashValid(recent.blockhash)).value, true);
  assert.equal((await connection.isBlockhashValid(Keypair.generate().publicKey.toBase58())).value, false);
  const message = new TransactionMessage({
    payerKey: payer.publicKey,
    recentBlockhash: recent.blockhash,
    instructions: [ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 10_000 }), gift(payer.publicKey, 1)],
  }).compileToLegacyMessage();
  // 5,000 a signature, and 10,000 micro-lamports for each of 2 × 3,000 units: both programs are builtin.
  assert.equal((await connection.getFeeForMessage(message)).value, 5000 + 60);
  const fees = await connection.getRecentPrioritizationFees({ lockedWritableAccounts: [payer.publicKey] });
  assert.ok(fees.length > 0 && fees.every((row) => Number.isInteger(row.prioritizationFee)));
  assert.equal(await connection.getMinimumBalanceForRentExemption(165), 2_039_280);
  assert.ok((await connection.getBlocks(Math.max(0, slot - 3), slot)).length >= 1);
  assert.ok((await connection.getBlockTime(slot)) > 1_600_000_000);
  assert.ok((await connection.getTransactionCount()) >= 1);
  assert.equal(await connection.getFirstAvailableBlock(), 0);
  assert.equal(await connection.getMinimumLedgerSlot(), 0);
  assert.ok((await connection.getClusterNodes()).length === 1);
  assert.ok((await connection.getSupply()).value.total > 0);
  assert.ok(Array.isArray(await connection.getRecentPerformanceSamples(2)));
  assert.equal((await connection.getInflationGovernor()).terminal, 0);
  assert.equal(typeof (await connection.getSlotLeader()), "string");
  assert.equal((await connection.getVoteAccounts()).delinquent.length, 0);
  assert.ok((await connection.getStakeMinimumDelegation()).value >= 1);
}

/** What `getFeeForMessage` says is what is charged, with and without a limit, for builtin and other programs. */
async function fees() {
  const price = ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1_000_000 });
  const limit = ComputeBudgetProgram.setComputeUnitLimit({ units: 77_777 });
  for (const instructions of [
    [gift(payer.publicKey, 1)],
    [price, gift(payer.publicKey, 2)],
    [price, limit, gift(payer.publicKey, 3), memo("with a memo", payer.publicKey)],
    [price, memo("without a limit", payer.publicKey)],
  ]) {
    const transaction = await versioned(instructions);
    const asked = (await connection.getFeeForMessage(transaction.message)).value;
    const signature = await landed(await connection.sendTransaction(transaction));
    const shown = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
    assert.equal(shown.meta.fee, asked);
    assert.equal(shown.meta.preBalances[0] - shown.meta.postBalances[0], asked);
  }
}

async function splTokenLife() {
  const [holder, friend] = [Keypair.generate(), Keypair.generate()];
  const mint = await token.createMint(connection, payer, payer.publicKey, payer.publicKey, 6);
  const source = await token.getOrCreateAssociatedTokenAccount(connection, payer, mint, holder.publicKey);
  const target = await token.createAssociatedTokenAccount(connection, payer, mint, friend.publicKey);
  await token.mintToChecked(connection, payer, mint, source.address, payer, 1_000_000, 6);
  await token.transferChecked(connection, payer, source.address, mint, target, holder, 400_000, 6);
  await token.approveChecked(connection, payer, mint, source.address, friend.publicKey, holder, 100_000, 6);
  assert.equal((await token.getAccount(connection, source.address)).delegatedAmount, 100_000n);
  const parsed = (await connection.getParsedAccountInfo(source.address)).value.data.parsed;
  assert.equal(parsed.info.delegate, friend.publicKey.toBase58());
  assert.equal(parsed.info.delegatedAmount.uiAmountString, "0.1");
  assert.equal(parsed.info.tokenAmount.uiAmountString, "0.6");
  const delegated = await connection.getTokenAccountsByOwner(holder.publicKey, { programId: token.TOKEN_PROGRAM_ID });
  assert.ok(delegated.value[0].pubkey.equals(source.address));
  await token.revoke(connection, payer, source.address, holder);
  await token.burnChecked(connection, payer, source.address, mint, holder, 100_000, 6);
  await token.freezeAccount(connection, payer, target, mint, payer);
  assert.equal((await token.getAccount(connection, target)).isFrozen, true);
  const frozen = await thrown(() => token.transfer(connection, payer, target, source.address, friend, 1));
  assert.match(String(frozen), /0x11/);
  await token.thawAccount(connection, payer, target, mint, payer);
  await token.setAuthority(connection, payer, mint, payer, token.AuthorityType.MintTokens, null);
  assert.equal((await token.getMint(connection, mint)).mintAuthority, null);
  assert.equal((await connection.getTokenSupply(mint)).value.amount, "900000");
  assert.equal((await connection.getTokenAccountBalance(target)).value.uiAmountString, "0.4");
  const largest = (await connection.getTokenLargestAccounts(mint)).value;
  assert.deepEqual(largest.map((row) => row.amount), ["500000", "400000"]);
  const owned = await connection.getParsedTokenAccountsByOwner(friend.publicKey, { mint });
  assert.equal(owned.value[0].account.data.parsed.info.tokenAmount.amount, "400000");
  const byMint = await connection.getProgramAccounts(token.TOKEN_PROGRAM_ID, {
    filters: [{ dataSize: 165 }, { memcmp: { offset: 0, bytes: mint.toBase58() } }],
  });
  assert.equal(byMint.length, 2);
  const parsedAll = await connection.getParsedProgramAccounts(token.TOKEN_PROGRAM_ID, {
    filters: [{ memcmp: { offset: 32, bytes: friend.publicKey.toBase58() } }],
  });
  assert.equal(parsedAll[0].account.data.parsed.info.mint, mint.toBase58());
  await token.transfer(connection, payer, target, source.address, friend, 400_000);
  await token.closeAccount(connection, payer, target, payer.publicKey, friend);
  assert.equal(await connection.getAccountInfo(target), null);
  const multisig = await token.createMultisig(connection, payer, [holder.publicKey, friend.publicKey], 2);
  const shown = (await connection.getParsedAccountInfo(multisig)).value.data.parsed;
  assert.deepEqual([shown.type, shown.info.numRequiredSigners, shown.info.signers.length], ["multisig", 2, 2]);
}

async function wrappedSol() {
  const holder = Keypair.generate();
  const wrapped = await token.createWrappedNativeAccount(connection, payer, holder.publicKey, 1_000_000);
  const account = await token.getAccount(connection, wrapped);
  assert.equal(account.isNative, true);
  assert.equal(account.amount, 1_000_000n);
  await send([gift(wrapped, 5_000)]);
  await token.syncNative(connection, payer, wrapped);
  assert.equal((await connection.getTokenAccountBalance(wrapped)).value.amount, "1005000");
  await token.closeAccount(connection, payer, wrapped, holder.publicKey, holder);
  assert.ok((await connection.getBalance(holder.publicKey)) > 1_005_000);
}

/** A Token-2022 mint with the extensions that campaigns and ordinary tokens use, made by spl-token alone. */
async function token2022Extensions() {
  const mint = Keypair.generate();
  const E = token.ExtensionType;
  const kinds = [
    E.MetadataPointer, E.MintCloseAuthority, E.PermanentDelegate, E.TransferFeeConfig, E.DefaultAccountState, E.GroupPointer,
    E.InterestBearingConfig, E.TransferHook, E.PausableConfig,
  ];
  const space = token.getMintLen(kinds);
  const me = payer.publicKey;
  const lamports = await connection.getMinimumBalanceForRentExemption(space + 400);
  await send(
    [
      SystemProgram.createAccount({ fromPubkey: me, newAccountPubkey: mint.publicKey, space, lamports, programId: T22 }),
      token.createInitializeMetadataPointerInstruction(mint.publicKey, me, mint.publicKey, T22),
      token.createInitializeMintCloseAuthorityInstruction(mint.publicKey, me, T22),
      token.createInitializePermanentDelegateInstruction(mint.publicKey, me, T22),
      token.createInitializeTransferFeeConfigInstruction(mint.publicKey, me, me, 100, 5000n, T22),
      token.createInitializeDefaultAccountStateInstruction(mint.publicKey, token.AccountState.Initialized, T22),
      token.createInitializeGroupPointerInstruction(mint.publicKey, me, mint.publicKey, T22),
      token.createInitializeInterestBearingMintInstruction(mint.publicKey, me, 250, T22),
      token.createInitializeTransferHookInstruction(mint.publicKey, me, PublicKey.default, T22),
      token.createInitializePausableConfigInstruction(mint.publicKey, me, T22),
      token.createInitializeMint2Instruction(mint.publicKey, 2, me, me, T22),
    ],
    [payer, mint],
  );
  await token.tokenMetadataInitialize(connection, payer, mint.publicKey, me, payer, "Coupon", "CPN", "https://example.org/c");
  await token.tokenMetadataUpdateField(connection, payer, mint.publicKey, payer, "kind", "threshold");
  assert.equal((await token.getTokenMetadata(connection, mint.publicKey)).additionalMetadata[0][1], "threshold");

  const [alice, bob] = [Keypair.generate(), Keypair.generate()];
  const [a, b] = await Promise.all(
    [alice, bob].map((key) =>
      token.createAssociatedTokenAccountIdempotent(connection, payer, mint.publicKey, key.publicKey, {}, T22),
    ),
  );
  await token.mintTo(connection, payer, mint.publicKey, a, payer, 10_000, [], {}, T22);
  await token.transferCheckedWithFee(connection, payer, a, mint.publicKey, b, alice, 1000n, 2, 10n, [], {}, T22);
  const received = await token.getAccount(connection, b, "confirmed", T22);
  assert.equal(received.amount, 990n);
  assert.equal(token.getTransferFeeAmount(received).withheldAmount, 10n);
  await token.enableRequiredMemoTransfers(connection, payer, await reallocated(b, bob), bob, [], {}, T22);
  const noMemo = await thrown(() => send([token.createTransferCheckedInstruction(a, mint.publicKey, b, alice.publicKey, 100, 2, [], T22)], [payer, alice]));
  assert.match(String(noMemo), /0x24/);
  await send([memo("for the coffee", alice.publicKey), token.createTransferCheckedInstruction(a, mint.publicKey, b, alice.publicKey, 100, 2, [], T22)], [payer, alice]);
  await token.burnChecked(connection, payer, a, mint.publicKey, alice, 900, 2, [], {}, T22);
  await token.pause(connection, payer, mint.publicKey, payer, [], {}, T22);
  assert.match(String(await thrown(() => token.mintTo(connection, payer, mint.publicKey, a, payer, 1, [], {}, T22))), /0x43/);
  await token.resume(connection, payer, mint.publicKey, payer, [], {}, T22);

  const parsed = (await connection.getParsedAccountInfo(mint.publicKey)).value.data;
  assert.equal(parsed.program, "spl-token-2022");
  const states = Object.fromEntries(parsed.parsed.info.extensions.map((entry) => [entry.extension, entry.state]));
  assert.equal(states.metadataPointer.metadataAddress, mint.publicKey.toBase58());
  assert.equal(states.mintCloseAuthority.closeAuthority, me.toBase58());
  assert.equal(states.permanentDelegate.delegate, me.toBase58());
  assert.equal(states.transferFeeConfig.newerTransferFee.transferFeeBasisPoints, 100);
  assert.equal(states.defaultAccountState.accountState, "initialized");
  assert.equal(states.interestBearingConfig.currentRate, 250);
  assert.deepEqual(states.transferHook, { authority: me.toBase58(), programId: null });
  assert.equal(states.pausableConfig.paused, false);
  assert.deepEqual(states.tokenMetadata.additionalMetadata, [["kind", "threshold"]]);
  assert.equal(states.tokenMetadata.symbol, "CPN");
  const account = (await connection.getParsedAccountInfo(b)).value.data.parsed.info;
  const held = Object.fromEntries(account.extensions.map((entry) => [entry.extension, entry.state]));
  assert.ok("immutableOwner" in held);
  assert.equal(held.memoTransfer.requireIncomingTransferMemos, true);
  assert.equal(held.transferFeeAmount.withheldAmount, 11);
  assert.ok("pausableAccount" in held);
}

async function reallocated(account, owner) {
  await send([token.createReallocateInstruction(account, payer.publicKey, [token.ExtensionType.MemoTransfer], owner.publicKey, [], T22)], [payer, owner]);
  return account;
}

/** What a campaign is: nobody transfers, nobody burns alone, the mint closes when it is empty. */
async function couponMint() {
  const [mint, holder, authority] = [Keypair.generate(), Keypair.generate(), Keypair.generate()];
  const me = payer.publicKey;
  const E = token.ExtensionType;
  const space = token.getMintLen([E.NonTransferable, E.PermissionedBurn, E.MintCloseAuthority]);
  await send(
    [
      SystemProgram.createAccount({
        fromPubkey: me, newAccountPubkey: mint.publicKey, space, programId: T22,
        lamports: await connection.getMinimumBalanceForRentExemption(space),
      }),
      token.createInitializeNonTransferableMintInstruction(mint.publicKey, T22),
      token.createInitializePermissionedBurnInstruction(mint.publicKey, authority.publicKey, T22),
      token.createInitializeMintCloseAuthorityInstruction(mint.publicKey, me, T22),
      token.createInitializeMint2Instruction(mint.publicKey, 0, me, null, T22),
    ],
    [payer, mint],
  );
  const account = await token.createAssociatedTokenAccountIdempotent(connection, payer, mint.publicKey, holder.publicKey, {}, T22);
  await token.mintTo(connection, payer, mint.publicKey, account, payer, 1, [], {}, T22);
  const alone = await thrown(() => token.burnChecked(connection, payer, account, mint.publicKey, holder, 1, 0, [], {}, T22));
  assert.match(String(alone), /0xc/);
  const burn = token.createPermissionedBurnCheckedInstruction(account, mint.publicKey, holder.publicKey, authority.publicKey, 1, 0, [], T22);
  await send([burn, memo("redeem:1", holder.publicKey, authority.publicKey)], [payer, holder, authority]);
  assert.equal((await token.getMint(connection, mint.publicKey, "confirmed", T22)).supply, 0n);
  await token.closeAccount(connection, payer, mint.publicKey, me, payer, [], {}, T22);
  assert.equal(await connection.getAccountInfo(mint.publicKey), null);
}

async function subscriptions() {
  const watched = Keypair.generate();
  const heard = { account: [], program: [], logs: [], slot: [], root: [] };
  const ids = [
    connection.onAccountChange(watched.publicKey, (info, context) => heard.account.push([info.lamports, context.slot]), { commitment: "confirmed" }),
    connection.onProgramAccountChange(SystemProgram.programId, (change) => heard.program.push(change.accountId.toBase58()), { commitment: "confirmed", filters: [{ dataSize: 0 }] }),
    connection.onLogs(watched.publicKey, (logs) => heard.logs.push(logs), "confirmed"),
    connection.onSlotChange((slot) => heard.slot.push(slot)),
    connection.onRootChange((root) => heard.root.push(root)),
  ];
  await until("the first slot", () => heard.slot.length);
  const { blockhash } = await connection.getLatestBlockhash();
  const transaction = new Transaction({ recentBlockhash: blockhash, feePayer: payer.publicKey }).add(gift(watched.publicKey, 2_000_000));
  transaction.sign(payer);
  const signed = within("the signature", new Promise((resolve) => {
    connection.onSignatureWithOptions(base58(transaction.signature), (notification) => {
      if (notification.type === "status") resolve(notification.result);
    }, { commitment: "confirmed", enableReceivedNotification: true });
  }));
  await connection.sendRawTransaction(transaction.serialize());
  assert.equal((await signed).err, null);
  await until("the account", () => heard.account.some(([lamports]) => lamports === 2_000_000));
  await until("the program", () => heard.program.includes(watched.publicKey.toBase58()));
  await until("the logs", () => heard.logs.some((entry) => entry.err === null && entry.logs.length > 0));
  await until("the root", () => heard.root.length);
  const [first] = heard.slot;
  assert.equal(first.parent, first.slot - 1);
  await connection.removeAccountChangeListener(ids[0]);
  await connection.removeProgramAccountChangeListener(ids[1]);
  await connection.removeOnLogsListener(ids[2]);
  await connection.removeSlotChangeListener(ids[3]);
  await connection.removeRootChangeListener(ids[4]);
}

function base58(bytes) {
  const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  let number = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  let text = "";
  for (; number > 0n; number /= 58n) text = alphabet[Number(number % 58n)] + text;
  for (const byte of bytes) {
    if (byte !== 0) break;
    text = `1${text}`;
  }
  return text;
}

async function lookupTables() {
  const recipients = Array.from({ length: 20 }, () => Keypair.generate().publicKey);
  const [create, table] = AddressLookupTableProgram.createLookupTable({
    authority: payer.publicKey, payer: payer.publicKey, recentSlot: await connection.getSlot("finalized"),
  });
  const extend = AddressLookupTableProgram.extendLookupTable({
    authority: payer.publicKey, payer: payer.publicKey, lookupTable: table, addresses: recipients,
  });
  await send([create, extend]);
  const found = await until("the table", async () => {
    const { value } = await connection.getAddressLookupTable(table);
    return value?.state.addresses.length === 20 && value;
  });
  const grown = await connection.getSlot();
  await until("the next slot", async () => (await connection.getSlot()) > grown);
  const transaction = await versioned(recipients.map((key) => gift(key, 1_000_000)), [found]);
  assert.ok(transaction.serialize().length < 700);
  const signature = await landed(await connection.sendTransaction(transaction));
  assert.equal(await connection.getBalance(recipients[19]), 1_000_000);
  const shown = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
  assert.equal(shown.version, 0);
  assert.equal(shown.meta.loadedAddresses.writable.length, 20);
  assert.equal(shown.transaction.message.addressTableLookups.length, 1);
  const unasked = await thrown(() => connection.getTransaction(signature));
  assert.match(String(unasked), /Transaction version \(0\) is not supported/);
  const parsed = await connection.getParsedTransaction(signature, { maxSupportedTransactionVersion: 0 });
  assert.equal(parsed.transaction.message.accountKeys.at(-1).source, "lookupTable");
  assert.equal(parsed.transaction.message.instructions[19].parsed.info.destination, recipients[19].toBase58());
  const raw = (await connection.getParsedAccountInfo(table)).value.data;
  assert.equal(raw.program, "address-lookup-table");
  assert.equal(raw.parsed.info.addresses.length, 20);
  await send([AddressLookupTableProgram.deactivateLookupTable({ lookupTable: table, authority: payer.publicKey })]);
}

async function simulation() {
  const receiver = Keypair.generate().publicKey;
  const good = await versioned([gift(receiver, 3_000_000)]);
  const asked = { accounts: { encoding: "base64", addresses: [receiver.toBase58()] } };
  const { value } = await connection.simulateTransaction(good, { sigVerify: true, ...asked });
  assert.equal(value.err, null);
  assert.equal(value.unitsConsumed, 150);
  assert.equal(value.accounts[0].lamports, 3_000_000);
  assert.equal(await connection.getBalance(receiver), 0);
  const message = new TransactionMessage({
    payerKey: payer.publicKey, recentBlockhash: PublicKey.default.toBase58(), instructions: [gift(receiver, 3_000_000)],
  }).compileToV0Message();
  const unsigned = new VersionedTransaction(message);
  assert.equal((await connection.simulateTransaction(unsigned)).value.err, "BlockhashNotFound");
  const replaced = await connection.simulateTransaction(unsigned, { replaceRecentBlockhash: true, innerInstructions: true });
  assert.equal(replaced.value.err, null);
  assert.equal((await connection.isBlockhashValid(replaced.value.replacementBlockhash.blockhash)).value, true);
  assert.match(String(await thrown(() => connection.simulateTransaction(unsigned, { sigVerify: true }))), /signature verification/);
  const overdraft = await connection.simulateTransaction(await versioned([gift(receiver, 10 ** 12)]));
  assert.deepEqual(overdraft.value.err, { InstructionError: [0, { Custom: 1 }] });
  assert.ok(overdraft.value.logs.some((line) => line.includes("insufficient lamports")));
}

async function history() {
  const receiver = Keypair.generate().publicKey;
  const signatures = [];
  for (const lamports of [1_000_000, 2, 3]) {
    signatures.unshift(await send([gift(receiver, lamports), memo(`no ${lamports}`, payer.publicKey)]));
  }
  const rows = await connection.getSignaturesForAddress(receiver, {}, "confirmed");
  assert.deepEqual(rows.map((row) => row.signature), signatures);
  assert.equal(rows[0].memo, "[4] no 3");
  assert.equal(rows[0].confirmationStatus === "confirmed" || rows[0].confirmationStatus === "finalized", true);
  const page = await connection.getSignaturesForAddress(receiver, { before: signatures[0], until: signatures[2] }, "confirmed");
  assert.deepEqual(page.map((row) => row.signature), [signatures[1]]);
  const parsed = await connection.getParsedTransactions(signatures, { maxSupportedTransactionVersion: 0 });
  const [transfer, note] = parsed[0].transaction.message.instructions;
  assert.deepEqual(transfer.parsed, {
    type: "transfer",
    info: { source: payer.publicKey.toBase58(), destination: receiver.toBase58(), lamports: 3 },
  });
  assert.deepEqual([note.program, note.parsed], ["spl-memo", "no 3"]);
  const block = await connection.getBlock(parsed[0].slot, { maxSupportedTransactionVersion: 0 });
  assert.ok(block.transactions.some((entry) => entry.transaction.signatures[0] === signatures[0]));
  assert.equal((await connection.getParsedBlock(parsed[0].slot, { maxSupportedTransactionVersion: 0 })).blockHeight, parsed[0].slot);
  assert.ok((await connection.getBlockSignatures(parsed[0].slot)).signatures.includes(signatures[0]));
  const statuses = await connection.getSignatureStatuses(signatures, { searchTransactionHistory: true });
  assert.ok(statuses.value.every((status) => status.err === null));
}

async function parsedTokenInstructions() {
  const mint = await token.createMint(connection, payer, payer.publicKey, null, 0, Keypair.generate(), {}, T22);
  const holder = Keypair.generate().publicKey;
  const account = token.getAssociatedTokenAddressSync(mint, holder, false, T22);
  const signature = await send([
    token.createAssociatedTokenAccountInstruction(payer.publicKey, account, holder, mint, T22),
    token.createMintToCheckedInstruction(mint, account, payer.publicKey, 5, 0, [], T22),
  ]);
  const shown = await connection.getParsedTransaction(signature, { maxSupportedTransactionVersion: 0 });
  const [created, minted] = shown.transaction.message.instructions;
  assert.deepEqual([created.program, created.parsed.type, created.parsed.info.wallet], ["spl-associated-token-account", "create", holder.toBase58()]);
  assert.deepEqual([minted.program, minted.parsed.type], ["spl-token", "mintToChecked"]);
  assert.equal(minted.parsed.info.tokenAmount.amount, "5");
  const inner = shown.meta.innerInstructions.find((entry) => entry.index === 0).instructions;
  assert.ok(inner.some((entry) => entry.parsed?.type === "initializeAccount3"));
  assert.ok(inner.some((entry) => entry.parsed?.type === "createAccount" && entry.program === "system"));
  assert.deepEqual(shown.meta.preTokenBalances, []);
  assert.equal(shown.meta.postTokenBalances[0].uiTokenAmount.amount, "5");
  assert.equal(shown.meta.postTokenBalances[0].programId, T22.toBase58());
}

async function durableNonce() {
  const nonce = Keypair.generate();
  await send(
    SystemProgram.createNonceAccount({
      fromPubkey: payer.publicKey, noncePubkey: nonce.publicKey, authorizedPubkey: payer.publicKey,
      lamports: await connection.getMinimumBalanceForRentExemption(NONCE_ACCOUNT_LENGTH),
    }).instructions,
    [payer, nonce],
  );
  const stored = await connection.getNonce(nonce.publicKey);
  assert.ok(stored instanceof NonceAccount);
  const receiver = Keypair.generate().publicKey;
  const advance = SystemProgram.nonceAdvance({ noncePubkey: nonce.publicKey, authorizedPubkey: payer.publicKey });
  const transaction = new Transaction({ feePayer: payer.publicKey, nonceInfo: { nonce: stored.nonce, nonceInstruction: advance } });
  transaction.add(gift(receiver, 1_000_000));
  transaction.sign(payer);
  const raw = transaction.serialize();
  const signature = await connection.sendRawTransaction(raw);
  await connection.confirmTransaction({
    signature, nonceAccountPubkey: nonce.publicKey, nonceValue: stored.nonce,
    minContextSlot: await connection.getSlot("finalized"),
  });
  assert.equal(await connection.getBalance(receiver), 1_000_000);
  assert.notEqual((await connection.getNonce(nonce.publicKey)).nonce, stored.nonce);
  const again = await thrown(() => connection.sendRawTransaction(raw));
  assert.match(String(again), /already been processed/);
  const shown = (await connection.getParsedAccountInfo(nonce.publicKey)).value.data;
  assert.deepEqual([shown.program, shown.parsed.type], ["nonce", "initialized"]);
}

async function refusals() {
  const receiver = Keypair.generate().publicKey;
  const overdraft = await thrown(() => send([gift(receiver, 10 ** 12)]));
  assert.ok(overdraft instanceof SendTransactionError);
  assert.match(overdraft.message, /custom program error: 0x1/);
  assert.ok(overdraft.logs.some((line) => line.includes("insufficient lamports")));
  const stranger = Keypair.generate();
  const unknown = await thrown(() => send([gift(receiver, 1, stranger)], [stranger]));
  assert.match(unknown.message, /Attempt to debit an account but found no record of a prior credit/);
  assert.match((await thrown(() => send([gift(receiver, 10)]))).message, /insufficient funds for rent/);
  const stale = new Transaction({ recentBlockhash: Keypair.generate().publicKey.toBase58(), feePayer: payer.publicKey }).add(gift(receiver, 1_000_000));
  stale.sign(payer);
  assert.match((await thrown(() => connection.sendRawTransaction(stale.serialize()))).message, /Blockhash not found/);
  const good = await versioned([gift(receiver, 1_000_000)]);
  good.signatures[0][3] ^= 1;
  assert.match((await thrown(() => connection.sendTransaction(good))).message, /signature verification failure/);
  const large = await versioned([memo("x".repeat(1_000), payer.publicKey)]);
  const bytes = Buffer.concat([Buffer.from(large.serialize()), Buffer.alloc(300)]);
  assert.match((await thrown(() => connection.sendRawTransaction(bytes))).message, /too large/);
  await assert.rejects(connection.getTokenAccountBalance(receiver), /could not find account/);
  await assert.rejects(connection.getTokenSupply(payer.publicKey), /not a Token mint/);
}

await run({
  airdropAndTransfer, cluster, fees, splTokenLife, wrappedSol, token2022Extensions, couponMint, subscriptions, lookupTables, simulation,
  history, parsedTokenInstructions, durableNonce, refusals,
});
