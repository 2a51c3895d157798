// ethers signs the same: each line {kind, key, ...} is answered by one line with the bytes.
import { createInterface } from 'node:readline'
import { Transaction, Wallet } from 'ethers'

for await (const line of createInterface({ input: process.stdin })) {
  const { kind, key, ...facts } = JSON.parse(line)
  const wallet = new Wallet('0x' + key)
  let answer
  if (kind === 'transaction') {
    const fields = facts.transaction
    answer = await wallet.signTransaction(fields)
    const read = Transaction.from(answer)
    if (read.from !== wallet.address) throw new Error('ethers does not read its own transaction')
  } else if (kind === 'typed') {
    answer = await wallet.signTypedData(facts.domain, facts.types, facts.message)
  } else if (kind === 'message') {
    answer = await wallet.signMessage(Buffer.from(facts.message, 'hex'))
  } else if (kind === 'authorization') {
    const made = await wallet.authorize(facts.authorization)
    answer = made.signature.serialized
  } else {
    throw new Error(`unknown kind ${kind}`)
  }
  console.log(JSON.stringify(answer))
}
