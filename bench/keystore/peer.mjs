// Peers of the keystore's benchmark: each line [case, count] does so many operations, then answers "done".
import { createInterface } from 'node:readline'
import { HDNodeWallet, Wallet, getBytes } from 'ethers'
import { privateKeyToAccount } from 'viem/accounts'
import web3 from '@solana/web3.js'

const KEY = '0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318'
const CONTRACT = '0x1111111111111111111111111111111111111111'
const DATA = '0xa9059cbb' + '22'.repeat(32).replace(/^(22){12}/, '00'.repeat(12)) + '00'.repeat(31) + '05'
const wallet = new Wallet(KEY)
const account = privateKeyToAccount(KEY)
const parent = HDNodeWallet.fromPhrase('test test test test test test test test test test test junk', '', "m/44'/60'/0'/0")
const domain = { name: 'Quanbao', version: '1', chainId: 31337, verifyingContract: CONTRACT }
const types = {
  Order: [
    { name: 'holder', type: 'address' },
    { name: 'merchant', type: 'address' },
    { name: 'orderHash', type: 'bytes32' },
    { name: 'validBefore', type: 'uint40' },
    { name: 'remainderAsset', type: 'address' },
    { name: 'remainderAmount', type: 'uint256' },
    { name: 'note', type: 'string' },
  ],
}
const order = (n) => ({
  holder: CONTRACT,
  merchant: CONTRACT,
  orderHash: '0x' + '33'.repeat(32),
  validBefore: 1893456000,
  remainderAsset: CONTRACT,
  remainderAmount: BigInt(n),
  note: `order ${n}`,
})
const pair = web3.Keypair.fromSeed(getBytes(KEY))
const recipient = new web3.PublicKey(new Uint8Array(32).fill(9))
const blockhash = new web3.PublicKey(new Uint8Array(32).fill(7)).toBase58()

const cases = {
  evm_address_ethers: ['ethers HDNodeWallet.deriveChild', (n) => parent.deriveChild(n).address],
  eip1559_ethers: [
    'ethers Wallet.signTransaction',
    (n) =>
      wallet.signTransaction({
        type: 2, chainId: 31337, nonce: n, to: CONTRACT, value: 0, data: DATA, gasLimit: 100000,
        maxFeePerGas: 2000000000n, maxPriorityFeePerGas: 1000000000n,
      }),
  ],
  eip1559_viem: [
    'viem account.signTransaction',
    (n) =>
      account.signTransaction({
        type: 'eip1559', chainId: 31337, nonce: n, to: CONTRACT, value: 0n, data: DATA, gas: 100000n,
        maxFeePerGas: 2000000000n, maxPriorityFeePerGas: 1000000000n,
      }),
  ],
  eip712_ethers: ['ethers Wallet.signTypedData', (n) => wallet.signTypedData(domain, types, order(n))],
  eip712_viem: [
    'viem account.signTypedData',
    (n) => account.signTypedData({ domain, types, primaryType: 'Order', message: order(n) }),
  ],
  solana_transfer_web3: [
    'web3.js v1 VersionedTransaction',
    (n) => {
      const made = web3.SystemProgram.transfer({ fromPubkey: pair.publicKey, toPubkey: recipient, lamports: n + 1 })
      const message = new web3.TransactionMessage({
        payerKey: pair.publicKey, recentBlockhash: blockhash, instructions: [made],
      }).compileToV0Message()
      const transaction = new web3.VersionedTransaction(message)
      transaction.sign([pair])
      return transaction.serialize()
    },
  ],
}

console.log(JSON.stringify(Object.fromEntries(Object.entries(cases).map(([name, [title]]) => [name, title]))))
for await (const line of createInterface({ input: process.stdin })) {
  const [name, count] = JSON.parse(line)
  for (let n = 0; n < count; n++) await cases[name][1](n)
  console.log('done')
}
