"""One sentence for each kind of instruction, in English and Chinese; braces name its facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codec.solana.decoding.layout import Parsed

SENTENCES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("system", "createAccount"): (
        "{source} makes the account {newAccount} with {lamports} lamports and {space} bytes for the program {owner}",
        "{source} 建立账户 {newAccount}：{lamports} lamports、{space} 字节，归程序 {owner}",
    ),
    ("system", "createAccountWithSeed"): (
        "{source} makes the account {newAccount} with {lamports} lamports and {space} bytes for the program {owner}",
        "{source} 建立账户 {newAccount}：{lamports} lamports、{space} 字节，归程序 {owner}",
    ),
    ("system", "assign"): (
        "Hand the account {account} and everything in it to the program {owner}",
        "把账户 {account} 及其中的一切交给程序 {owner}",
    ),
    ("system", "assignWithSeed"): (
        "Hand the account {account} and everything in it to the program {owner}",
        "把账户 {account} 及其中的一切交给程序 {owner}",
    ),
    ("system", "transfer"): (
        "Send {lamports} lamports from {source} to {destination}",
        "从 {source} 向 {destination} 转出 {lamports} lamports",
    ),
    ("system", "transferWithSeed"): (
        "Send {lamports} lamports from {source} to {destination}",
        "从 {source} 向 {destination} 转出 {lamports} lamports",
    ),
    ("system", "advanceNonce"): (
        "Use up the durable nonce of {nonceAccount}: this transaction does not expire",
        "使用 {nonceAccount} 的持久 nonce：此交易不会过期",
    ),
    ("system", "withdrawFromNonce"): (
        "Take {lamports} lamports out of the nonce account {nonceAccount} to {destination}",
        "从 nonce 账户 {nonceAccount} 取出 {lamports} lamports 给 {destination}",
    ),
    ("system", "initializeNonce"): (
        "Make {nonceAccount} a nonce account that {nonceAuthority} controls",
        "把 {nonceAccount} 设为由 {nonceAuthority} 控制的 nonce 账户",
    ),
    ("system", "authorizeNonce"): (
        "Give control of the nonce account {nonceAccount} to {newAuthorized}",
        "把 nonce 账户 {nonceAccount} 的控制权交给 {newAuthorized}",
    ),
    ("system", "upgradeNonce"): (
        "Renew the form of the nonce account {nonceAccount}",
        "更新 nonce 账户 {nonceAccount} 的格式",
    ),
    ("system", "allocate"): ("Give the account {account} {space} bytes", "给账户 {account} 分配 {space} 字节"),
    ("system", "allocateWithSeed"): (
        "Give the account {account} {space} bytes for the program {owner}",
        "给账户 {account} 分配 {space} 字节，归程序 {owner}",
    ),
    ("spl-token", "initializeMint"): (
        "Make {mint} a token with {decimals} decimals that {mintAuthority} may issue",
        "把 {mint} 设为代币：{decimals} 位小数，由 {mintAuthority} 发行",
    ),
    ("spl-token", "initializeMint2"): (
        "Make {mint} a token with {decimals} decimals that {mintAuthority} may issue",
        "把 {mint} 设为代币：{decimals} 位小数，由 {mintAuthority} 发行",
    ),
    ("spl-token", "initializeAccount"): (
        "Open {account} for {owner} to hold the token {mint}",
        "为 {owner} 开立代币 {mint} 的账户 {account}",
    ),
    ("spl-token", "initializeAccount2"): (
        "Open {account} for {owner} to hold the token {mint}",
        "为 {owner} 开立代币 {mint} 的账户 {account}",
    ),
    ("spl-token", "initializeAccount3"): (
        "Open {account} for {owner} to hold the token {mint}",
        "为 {owner} 开立代币 {mint} 的账户 {account}",
    ),
    ("spl-token", "initializeMultisig"): (
        "Make {multisig} an authority that needs {m} of the signatures of {signers}",
        "把 {multisig} 设为需要 {signers} 中 {m} 个签名的多签",
    ),
    ("spl-token", "initializeMultisig2"): (
        "Make {multisig} an authority that needs {m} of the signatures of {signers}",
        "把 {multisig} 设为需要 {signers} 中 {m} 个签名的多签",
    ),
    ("spl-token", "transfer"): (
        "Move {amount} base units of a token from {source} to {destination}",
        "从 {source} 向 {destination} 转出 {amount} 个代币基本单位",
    ),
    ("spl-token", "transferChecked"): (
        "Move {tokenAmount} of the token {mint} from {source} to {destination}",
        "从 {source} 向 {destination} 转出 {tokenAmount} 个代币 {mint}",
    ),
    ("spl-token", "transferCheckedWithFee"): (
        "Move {tokenAmount} of the token {mint} from {source} to {destination}; the token keeps {feeAmount} base units",
        "从 {source} 向 {destination} 转出 {tokenAmount} 个代币 {mint}，扣除 {feeAmount} 个基本单位的费用",
    ),
    ("spl-token", "approve"): (
        "Let {delegate} spend up to {amount} base units from {source} without asking again",
        "允许 {delegate} 从 {source} 支用至多 {amount} 个基本单位，无需再次询问",
    ),
    ("spl-token", "approveChecked"): (
        "Let {delegate} spend up to {tokenAmount} of the token {mint} from {source} without asking again",
        "允许 {delegate} 从 {source} 支用至多 {tokenAmount} 个代币 {mint}，无需再次询问",
    ),
    ("spl-token", "revoke"): (
        "Nobody but its owner may spend from {source} any more",
        "收回他人从 {source} 支用的许可",
    ),
    ("spl-token", "setAuthority"): (
        "Give the right {authorityType} over {subject} to {newAuthority}",
        "把 {subject} 的 {authorityType} 权限交给 {newAuthority}",
    ),
    ("spl-token", "mintTo"): (
        "Issue {amount} base units of the token {mint} to {account}",
        "向 {account} 发行 {amount} 个代币 {mint} 基本单位",
    ),
    ("spl-token", "mintToChecked"): (
        "Issue {tokenAmount} of the token {mint} to {account}",
        "向 {account} 发行 {tokenAmount} 个代币 {mint}",
    ),
    ("spl-token", "burn"): (
        "Destroy {amount} base units of the token {mint} in {account}",
        "销毁 {account} 中 {amount} 个代币 {mint} 基本单位",
    ),
    ("spl-token", "burnChecked"): (
        "Destroy {tokenAmount} of the token {mint} in {account}",
        "销毁 {account} 中 {tokenAmount} 个代币 {mint}",
    ),
    ("spl-token", "permissionedBurn"): (
        "Destroy {amount} base units of the token {mint} in {account}, with {permissionedBurnAuthority}",
        "经 {permissionedBurnAuthority} 同意，销毁 {account} 中 {amount} 个代币 {mint} 基本单位",
    ),
    ("spl-token", "permissionedBurnChecked"): (
        "Destroy {tokenAmount} of the token {mint} in {account}, with {permissionedBurnAuthority}",
        "经 {permissionedBurnAuthority} 同意，销毁 {account} 中 {tokenAmount} 个代币 {mint}",
    ),
    ("spl-token", "closeAccount"): (
        "Close {account} and pay its lamports to {destination}",
        "关闭 {account}，其中的 lamports 归 {destination}",
    ),
    ("spl-token", "freezeAccount"): ("Freeze {account}", "冻结 {account}"),
    ("spl-token", "thawAccount"): ("Thaw {account}", "解冻 {account}"),
    ("spl-token", "syncNative"): (
        "Count the lamports in {account} as wrapped SOL",
        "把 {account} 中的 lamports 计为包装 SOL",
    ),
    ("spl-token", "unwrapLamports"): (
        "Turn wrapped SOL of {source} into lamports of {destination}",
        "把 {source} 的包装 SOL 换回 {destination} 的 lamports",
    ),
    ("spl-token", "withdrawExcessLamports"): (
        "Pay the lamports that {source} does not need to {destination}",
        "把 {source} 多余的 lamports 付给 {destination}",
    ),
    ("spl-token", "initializeMintCloseAuthority"): (
        "Let {newAuthority} close the token {mint} when none is left",
        "允许 {newAuthority} 在代币 {mint} 无余量时将其关闭",
    ),
    ("spl-token", "initializeNonTransferableMint"): ("The token {mint} cannot be transferred", "代币 {mint} 不可转让"),
    ("spl-token", "initializePermanentDelegate"): (
        "Let {delegate} move or destroy anybody's units of the token {mint}, for ever",
        "允许 {delegate} 永久转移或销毁任何人持有的代币 {mint}",
    ),
    ("spl-token", "initializePermissionedBurn"): (
        "Every burn of the token {mint} needs {authority} too",
        "销毁代币 {mint} 还须 {authority} 同意",
    ),
    ("spl-token", "initializeTransferFeeConfig"): (
        "Every transfer of the token {mint} costs {transferFeeBasisPoints} basis points, at most {maximumFee} units",
        "代币 {mint} 每次转账收取 {transferFeeBasisPoints} 个基点，至多 {maximumFee} 个基本单位",
    ),
    ("spl-token", "setTransferFee"): (
        "Every transfer of the token {mint} costs {transferFeeBasisPoints} basis points, at most {maximumFee} units",
        "代币 {mint} 每次转账收取 {transferFeeBasisPoints} 个基点，至多 {maximumFee} 个基本单位",
    ),
    ("spl-token", "initializeTransferHook"): (
        "A program runs with every transfer of the token {mint}",
        "代币 {mint} 每次转账都会运行一个程序",
    ),
    ("spl-token", "updateTransferHook"): (
        "Change the program that runs with every transfer of the token {mint}",
        "更换代币 {mint} 转账时运行的程序",
    ),
    ("spl-token", "initializeDefaultAccountState"): (
        "New accounts of the token {mint} are {accountState}",
        "代币 {mint} 的新账户状态为 {accountState}",
    ),
    ("spl-token", "updateDefaultAccountState"): (
        "New accounts of the token {mint} are {accountState}",
        "代币 {mint} 的新账户状态为 {accountState}",
    ),
    ("spl-token", "enableRequiredMemoTransfers"): (
        "{account} takes only transfers with a memo",
        "{account} 只接收带备注的转账",
    ),
    ("spl-token", "disableRequiredMemoTransfers"): (
        "{account} takes transfers without a memo again",
        "{account} 重新接收不带备注的转账",
    ),
    ("spl-token", "enableCpiGuard"): (
        "Programs may not act for {account} behind its owner's back",
        "禁止程序擅自动用 {account}",
    ),
    ("spl-token", "disableCpiGuard"): ("Programs may act for {account} again", "重新允许程序动用 {account}"),
    ("spl-token", "pause"): ("Stop issue, transfer and burn of the token {mint}", "暂停代币 {mint} 的发行、转账与销毁"),
    ("spl-token", "resume"): (
        "Allow issue, transfer and burn of the token {mint} again",
        "恢复代币 {mint} 的发行、转账与销毁",
    ),
    ("spl-token", "initializePausableConfig"): ("The token {mint} can be paused", "代币 {mint} 可被暂停"),
    ("spl-token", "initializeMetadataPointer"): (
        "The token {mint} says where its description stands",
        "代币 {mint} 指明其说明的位置",
    ),
    ("spl-token", "initializeTokenMetadata"): (
        "Describe the token {mint} as {name} ({symbol})",
        "把代币 {mint} 命名为 {name}({symbol})",
    ),
    ("spl-token", "updateTokenMetadataField"): (
        "Set {field} of {metadata} to {value}",
        "把 {metadata} 的 {field} 设为 {value}",
    ),
    ("spl-token", "updateTokenMetadataAuthority"): (
        "Give the right to describe {metadata} to {newAuthority}",
        "把 {metadata} 的说明修改权交给 {newAuthority}",
    ),
    ("spl-token", "reallocate"): ("Make room in {account} for extensions", "为 {account} 增加扩展空间"),
    ("spl-token", "initializeImmutableOwner"): (
        "The owner of {account} can never change",
        "{account} 的所有者不可更改",
    ),
    ("spl-associated-token-account", "create"): (
        "{source} opens {account} for {wallet} to hold the token {mint}",
        "{source} 为 {wallet} 开立代币 {mint} 的账户 {account}",
    ),
    ("spl-associated-token-account", "createIdempotent"): (
        "{source} opens {account} for {wallet} to hold the token {mint}, unless it is there",
        "{source} 为 {wallet} 开立代币 {mint} 的账户 {account}（若尚未开立）",
    ),
    ("spl-associated-token-account", "recoverNested"): (
        "{wallet} takes back what {nestedSource} holds",
        "{wallet} 取回 {nestedSource} 中的代币",
    ),
    ("spl-memo", "memo"): ("Note: {memo}", "备注：{memo}"),
    ("address-lookup-table", "createLookupTable"): (
        "{payerAccount} makes the address table {lookupTableAccount}",
        "{payerAccount} 建立地址表 {lookupTableAccount}",
    ),
    ("address-lookup-table", "extendLookupTable"): (
        "Add addresses to the table {lookupTableAccount}",
        "向地址表 {lookupTableAccount} 添加地址",
    ),
    ("address-lookup-table", "freezeLookupTable"): (
        "The address table {lookupTableAccount} can never change again",
        "地址表 {lookupTableAccount} 不可再更改",
    ),
    ("address-lookup-table", "deactivateLookupTable"): (
        "Take the address table {lookupTableAccount} out of use",
        "停用地址表 {lookupTableAccount}",
    ),
    ("address-lookup-table", "closeLookupTable"): (
        "Close the address table {lookupTableAccount} and pay its lamports to {recipient}",
        "关闭地址表 {lookupTableAccount}，其中的 lamports 归 {recipient}",
    ),
    ("compute-budget", "setComputeUnitLimit"): ("Compute at most {units} units", "至多使用 {units} 个计算单位"),
    ("compute-budget", "setComputeUnitPrice"): (
        "Bid {microLamports} millionths of a lamport for each unit",
        "每个计算单位出价 {microLamports} 微 lamport",
    ),
    ("compute-budget", "requestHeapFrame"): ("Use up to {bytes} bytes of memory", "至多使用 {bytes} 字节内存"),
    ("compute-budget", "setLoadedAccountsDataSizeLimit"): (
        "Load at most {bytes} bytes of accounts",
        "至多载入 {bytes} 字节账户数据",
    ),
}

_OTHER = ("{kind} of the program {program}", "程序 {program} 的 {kind}")
_NOBODY = ("nobody, for good", "无人（永久放弃）")


def sentence(parsed: Parsed, language: int) -> str:
    """Args: language: 0 English, 1 Chinese."""
    facts = {name: _shown(value, language) for name, value in parsed.facts.items()}
    facts["subject"] = facts.get("mint") or facts.get("account") or ""
    pattern = SENTENCES.get((parsed.program, parsed.kind), _OTHER)[language]
    return pattern.format_map(_Facts(facts | {"kind": parsed.kind, "program": parsed.program}))


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        # A multisig decides under another name; sentences name no authority that may be one.
        return "–"


def _shown(value: Any, language: int) -> str:
    if value is None:
        return _NOBODY[language]
    if isinstance(value, dict):
        return str(value["uiAmountString"])
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
