// Prints what @solana/web3.js and @solana/spl-token make of each instruction that we build, as one JSON object.
// Keys A to F are 32 bytes of 1 to 6.

import * as token from "@solana/spl-token";
import {
  AddressLookupTableProgram,
  ComputeBudgetProgram,
  NONCE_ACCOUNT_LENGTH,
  PublicKey,
  SystemProgram,
} from "@solana/web3.js";
import { createInitializeInstruction, createUpdateAuthorityInstruction, createUpdateFieldInstruction } from "@solana/spl-token-metadata";

const [A, B, C, D, E, F] = [1, 2, 3, 4, 5, 6].map((number) => new PublicKey(new Uint8Array(32).fill(number)));
const T = token.TOKEN_PROGRAM_ID;
const T22 = token.TOKEN_2022_PROGRAM_ID;
const X = token.ExtensionType;
const associated = token.getAssociatedTokenAddressSync(B, A, true, T);
const [create, table] = AddressLookupTableProgram.createLookupTable({ authority: A, payer: B, recentSlot: 12345 });
const nonceBySeed = SystemProgram.createNonceAccount({
  fromPubkey: A, noncePubkey: A, authorizedPubkey: B, lamports: 5,
}).instructions[1];

const instructions = {
  "system.transfer": SystemProgram.transfer({ fromPubkey: A, toPubkey: B, lamports: 2n ** 40n + 3n }),
  "system.allocate_with_seed": SystemProgram.allocate({ accountPubkey: A, basePubkey: B, seed: "a seed", space: 310, programId: C }),
  "system.assign_with_seed": SystemProgram.assign({ accountPubkey: A, basePubkey: B, seed: "a seed", programId: C }),
  "nonce.initialize_nonce": nonceBySeed,
  "nonce.advance_nonce": SystemProgram.nonceAdvance({ noncePubkey: A, authorizedPubkey: B }),
  "nonce.withdraw_nonce": SystemProgram.nonceWithdraw({ noncePubkey: A, authorizedPubkey: B, toPubkey: C, lamports: 77 }),
  "compute_budget.set_compute_unit_limit": ComputeBudgetProgram.setComputeUnitLimit({ units: 70_001 }),
  "compute_budget.set_compute_unit_price": ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 2n ** 33n }),
  "associated_token.create_associated_token": token.createAssociatedTokenAccountIdempotentInstruction(C, associated, A, B, T),
  "lookup_table.create_lookup_table": create,
  "lookup_table.extend_lookup_table": AddressLookupTableProgram.extendLookupTable({ lookupTable: A, authority: B, payer: C, addresses: [D, E] }),
  "lookup_table.freeze_lookup_table": AddressLookupTableProgram.freezeLookupTable({ lookupTable: A, authority: B }),
  "lookup_table.deactivate_lookup_table": AddressLookupTableProgram.deactivateLookupTable({ lookupTable: A, authority: B }),
  "lookup_table.close_lookup_table": AddressLookupTableProgram.closeLookupTable({ lookupTable: A, authority: B, recipient: C }),
  "token.initialize_mint": token.createInitializeMint2Instruction(A, 2, B, C, T),
  "token.initialize_mint without freezing": token.createInitializeMint2Instruction(A, 0, B, null, T22),
  "token.mint_to": token.createMintToCheckedInstruction(A, B, C, 2n ** 50n, 6, [], T),
  "token.burn": token.createBurnCheckedInstruction(A, B, C, 77, 6, [], T22),
  "token.transfer": token.createTransferCheckedInstruction(A, B, C, D, 2n ** 50n, 6, [], T),
  "token.transfer by a multisig": token.createTransferCheckedInstruction(A, B, C, D, 5, 0, [E, F], T22),
  "token.approve": token.createApproveCheckedInstruction(A, B, C, D, 7, 6, [], T),
  "token.approve by a multisig": token.createApproveCheckedInstruction(A, B, C, D, 7, 6, [E, F], T22),
  "token_control.revoke": token.createRevokeInstruction(A, B, [], T),
  "token_control.revoke by a multisig": token.createRevokeInstruction(A, B, [C, D], T),
  "token_control.set_authority": token.createSetAuthorityInstruction(A, B, token.AuthorityType.AccountOwner, C, [], T),
  "token_control.set_authority given up": token.createSetAuthorityInstruction(A, B, token.AuthorityType.MintTokens, null, [], T22),
  "token_control.close_account": token.createCloseAccountInstruction(A, B, C, [], T),
  "token_control.close_account by a multisig": token.createCloseAccountInstruction(A, B, C, [D, E], T22),
  "token_control.freeze_account": token.createFreezeAccountInstruction(A, B, C, [], T22),
  "token_control.thaw_account": token.createThawAccountInstruction(A, B, C, [], T22),
  "token_control.sync_native": token.createSyncNativeInstruction(A, T),
  "token_extensions.initialize_metadata_pointer": token.createInitializeMetadataPointerInstruction(A, PublicKey.default, A, T22),
  "token_extensions.initialize_non_transferable": token.createInitializeNonTransferableMintInstruction(A, T22),
  "token_extensions.initialize_permissioned_burn": token.createInitializePermissionedBurnInstruction(A, B, T22),
  "token_extensions.initialize_mint_close_authority": token.createInitializeMintCloseAuthorityInstruction(A, B, T22),
  "token_extensions.initialize_default_frozen": token.createInitializeDefaultAccountStateInstruction(A, token.AccountState.Frozen, T22),
  "token_extensions.initialize_permanent_delegate": token.createInitializePermanentDelegateInstruction(A, B, T22),
  "token_extensions.initialize_pausable": token.createInitializePausableConfigInstruction(A, B, T22),
  "token_extensions.pause": token.createPauseInstruction(A, B, [], T22),
  "token_extensions.resume": token.createResumeInstruction(A, B, [], T22),
  "token_extensions.require_memo": token.createEnableRequiredMemoTransfersInstruction(A, B, [], T22),
  "token_extensions.require_memo no more": token.createDisableRequiredMemoTransfersInstruction(A, B, [], T22),
  "token_extensions.reallocate": token.createReallocateInstruction(A, B, [X.MemoTransfer], C, [], T22),
  "token_extensions.transfer_with_fee": token.createTransferCheckedWithFeeInstruction(A, B, C, D, 1000n, 6, 10n, [], T22),
  "token_extensions.permissioned_burn": token.createPermissionedBurnCheckedInstruction(A, B, D, C, 77, 0, [], T22),
  "token_metadata.initialize_metadata": createInitializeInstruction({
    programId: T22, metadata: A, updateAuthority: B, mint: A, mintAuthority: C, name: "满100减20", symbol: "SYM", uri: "",
  }),
  "token_metadata.update_field": createUpdateFieldInstruction({ programId: T22, metadata: A, updateAuthority: B, field: "campaign", value: "值" }),
  "token_metadata.renounce_update_authority": createUpdateAuthorityInstruction({ programId: T22, metadata: A, oldAuthority: B, newAuthority: null }),
};

const shown = {};
for (const [name, one] of Object.entries(instructions)) {
  shown[name] = {
    program: one.programId.toBase58(),
    accounts: one.keys.map((meta) => [meta.pubkey.toBase58(), meta.isSigner, meta.isWritable]),
    data: Buffer.from(one.data).toString("hex"),
  };
}
console.log(JSON.stringify({ instructions: shown, addresses: { associated: associated.toBase58(), table: table.toBase58() }, lengths: {
  nonce: NONCE_ACCOUNT_LENGTH,
  coupon: token.getMintLen([X.MetadataPointer, X.NonTransferable, X.PermissionedBurn, X.MintCloseAuthority]),
} }));
