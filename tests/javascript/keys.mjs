// Answers questions about keys, one JSON line for each: what other JavaScript wallets make of the same words.
import { createInterface } from "node:readline";

import { HDKey } from "@scure/bip32";
import * as bip39 from "@scure/bip39";
import * as czech from "@scure/bip39/wordlists/czech.js";
import * as english from "@scure/bip39/wordlists/english.js";
import * as french from "@scure/bip39/wordlists/french.js";
import * as italian from "@scure/bip39/wordlists/italian.js";
import * as japanese from "@scure/bip39/wordlists/japanese.js";
import * as korean from "@scure/bip39/wordlists/korean.js";
import * as portuguese from "@scure/bip39/wordlists/portuguese.js";
import * as simplified from "@scure/bip39/wordlists/simplified-chinese.js";
import * as spanish from "@scure/bip39/wordlists/spanish.js";
import * as traditional from "@scure/bip39/wordlists/traditional-chinese.js";
import * as btc from "@scure/btc-signer";
import * as sr25519 from "@scure/sr25519";
import * as ethers from "ethers";
import { HDKey as Slip10 } from "micro-key-producer/slip10.js";

const lists = {
  english,
  french,
  italian,
  japanese,
  korean,
  portuguese,
  spanish,
  czech,
  chinese_simplified: simplified,
  chinese_traditional: traditional,
};
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const bytes = (text) => Uint8Array.from(Buffer.from(text, "hex"));

const answers = {
  mnemonic({ entropy, language, passphrase }) {
    const mnemonic = bip39.entropyToMnemonic(bytes(entropy), lists[language].wordlist);
    return { mnemonic, seed: hex(bip39.mnemonicToSeedSync(mnemonic, passphrase)) };
  },
  bip32({ seed, path }) {
    const node = HDKey.fromMasterSeed(bytes(seed)).derive(path);
    return { private: hex(node.privateKey), xprv: node.privateExtendedKey, xpub: node.publicExtendedKey };
  },
  bip32_public({ xpub, path }) {
    return { xpub: HDKey.fromExtendedKey(xpub).derive(path).publicExtendedKey };
  },
  slip10({ seed, path }) {
    const node = Slip10.fromMasterSeed(bytes(seed)).derive(path);
    return { private: hex(node.privateKey), public: hex(node.publicKeyRaw) };
  },
  evm({ mnemonic, passphrase, path }) {
    const wallet = ethers.HDNodeWallet.fromPhrase(mnemonic, passphrase, path);
    return { address: wallet.address, private: wallet.privateKey.slice(2) };
  },
  bitcoin({ key }) {
    const raw = bytes(key);
    return {
      p2pkh: btc.p2pkh(raw).address,
      "p2sh-p2wpkh": btc.p2sh(btc.p2wpkh(raw)).address,
      p2wpkh: btc.p2wpkh(raw).address,
      p2tr: btc.p2tr(raw.slice(1)).address,
    };
  },
  wif({ key }) {
    return { main: btc.WIF().encode(bytes(key)), test: btc.WIF(btc.TEST_NETWORK).encode(bytes(key)) };
  },
  sr25519({ seed, junctions }) {
    let secret = sr25519.secretFromSeed(bytes(seed));
    for (const { hard, code } of junctions) {
      secret = hard ? sr25519.HDKD.secretHard(secret, bytes(code)) : sr25519.HDKD.secretSoft(secret, bytes(code));
    }
    return { public: hex(sr25519.getPublicKey(secret)) };
  },
  async encrypt({ key, password, n }) {
    const account = { address: ethers.computeAddress(`0x${key}`), privateKey: `0x${key}` };
    return { file: await ethers.encryptKeystoreJson(account, password, { scrypt: { N: n, r: 8, p: 1 } }) };
  },
  async decrypt({ file, password }) {
    return { private: (await ethers.decryptKeystoreJson(file, password)).privateKey.slice(2) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { ask, ...question } = JSON.parse(line);
  let answer;
  try {
    answer = await answers[ask](question);
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
