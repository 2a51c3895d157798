"""Chinese texts of the errors, by code. English is the error's own message.

A text may name the error's facts in braces; when a fact is missing the English message is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.languages import Language

_CHINESE: Mapping[str, str] = {
    "request_invalid": "请求的内容不符合要求，详见 errors。",
    "bad_request": "无法读取该请求。",
    "not_found": "未找到，或您无权查看。",
    "method_not_allowed": "该地址不支持此方法。",
    "body_too_large": "请求内容超过上限（1 MiB）。",
    "headers_too_large": "请求头过大。",
    "internal_error": "服务器内部出错。请把 request_id 告知运营方。",
    "invalid_value": "填写的值无效。",
    "invalid_address": "地址无效，或不属于该链。",
    "invalid_mnemonic": "助记词有误，请检查单词、数量和校验。",
    "invalid_derivation_path": "派生路径无效。",
    "invalid_key_file": "无法读取密钥文件。",
    "precision_loss": "小数位数超过该资产的 {decimals} 位。",
    "asset_mismatch": "两种资产不能相加或比较。",
    "unknown_asset": "未知资产。",
    "amount_not_positive": "金额必须大于零。",
    "invalid_terms": "活动条款不成立或相互矛盾：{field}。",
    "keystore_locked": "您的密钥已锁定，请先用口令解锁。",
    "wrong_passphrase": "口令不正确。",
    "key_not_found": "未找到该密钥。",
    "account_frozen": "账户已冻结，解冻前不会签名。请用第二因素解冻，或请第二人同意。",
    "risk_refused": "风险规则要求先说明理由（得分 {score}）。请查看提醒 {alert}。",
    "signing_refused": "签名策略拒绝了该请求（{rule}）。",
    "backup_not_confirmed": "请先完成助记词备份。",
    "audit_unavailable": "审计日志无法写入，因此暂停签名。",
    "node_unavailable": "链上节点暂时没有响应，请稍后再试。",
    "unknown_chain": "没有配置该链。",
    "insufficient_funds": "余额不足：需要 {needed}，可用 {available}。",
    "transaction_reverted": "链上执行被拒绝：{reason}。",
    "transaction_rejected": "节点拒绝了该交易。",
    "transaction_expired": "交易已过期，请重试。",
    "swap_unavailable": "没有可用的资金池完成此兑换，请更换资产或数量。",
    "recipient_cannot_receive": "收款方是合约，无法接收此类代币。",
    "payment_not_found": "未找到该付款。",
    "idempotency_conflict": "该 Idempotency-Key 已用于另一个请求。",
    "payment_not_retryable": "只有失败或已取消的付款可以重试。",
    "policy_refused": "规则不允许此付款（{rule}）。",
    "approval_needed": "此付款需要审批或第二重验证后才能签名。",
    "approval_refused": "该审批无效（{reason}）。",
    "invalid_policy": "规则不成立或相互矛盾：{field}。",
    "price_unavailable": "没有该资产的价格，因此无法判断以货币计的限额。",
    "price_stale": "价格已过时，因此无法判断以货币计的限额。",
    "campaign_not_found": "未找到该活动。",
    "campaign_not_active": "活动当前状态（{status}）不允许此操作。",
    "campaign_exhausted": "优惠券已发完（上限 {cap}）。",
    "claim_code_invalid": "领取码无效：可能有误、已用完或已关闭。",
    "goods_unknown": "商品目录中没有这些商品，或没有该币种的价格：{skus}。",
    "store_unknown": "没有这个门店，或它已停业：{store}。",
    "invalid_rows": "文件中有无法使用的行，详见 rows；没有执行任何操作。",
    "voucher_not_found": "未找到该优惠券。",
    "voucher_already_redeemed": "该优惠券已被使用。",
    "voucher_in_flight": "该优惠券正在另一笔付款中使用，请稍候。",
    "voucher_expired": "该优惠券不在有效期内。",
    "not_voucher_holder": "该优惠券属于另一个账户。",
    "order_not_found": "未找到该订单。",
    "order_not_payable": "订单当前状态（{status}）不能付款。",
    "order_locked": "另一个报价正在占用该订单或券，请稍后再试。",
    "presentment_not_found": "这个出示码无效、已使用或已过期，请持有人重新出示。",
    "tender_mismatch": "录入的金额与应付余额（{expected}）不一致。",
    "not_refundable": "无法退这么多：{reason}。",
    "refund_not_found": "没有这笔退款。",
    "merchant_not_of_campaign": "该活动没有指定这个商户。",
    "transfer_forbidden": "活动条款（{policy}）不允许转让这张券。",
    "dispute_closed": "该争议已处理（{status}）。",
    "redemption_not_found": "没有这笔核销记录。",
    "gift_out_of_stock": "赠品 {sku} 库存不足：需要 {needed}，剩余 {available}。",
    "points_not_enough": "积分不足：需要 {needed}，可用 {available}。",
    "quote_expired": "报价已过期，请重新获取。",
    "redemption_refused": "核销未获共同签名（{rule}）。",
    "ledger_diverged": "链上事实与账本不一致。",
    "login_failed": "邮箱与密码不匹配，或链接已失效。",
    "second_factor_required": "密码正确，还需要验证码、恢复码或通行密钥。",
    "one_time_used": "该链接、邀请或验证请求未知、已使用或已失效，请重新获取。",
    "person_erased": "此人的个人数据已被抹除，无法再读取。",
    "webhook_off": "该 Webhook 已停用，请先重新启用。",
    "case_closed": "该工单已关闭，请另开一个。",
    "consent_missing": "您尚未同意将个人数据用于此目的（{purpose}）。",
    "identity_level_too_low": "此操作需要更高的身份等级：需要 {needed}，当前为 {have}。",
    "mail_unavailable": "邮件服务器暂时无法发送，稍后会再次发送。",
    "not_authenticated": "请先登录。",
    "not_permitted": "您无权执行此操作（{rule}）。",
    "too_many_attempts": "尝试次数过多，请在 {retry_after_seconds} 秒后再试。",
    "proof_unavailable": "证明尚不可用：事实未最终确认，或节点已不再保存。",
    "proof_rejected": "证明未通过检查（{check}）。",
    "disk_full": "数据库磁盘已满。请腾出空间后重试，没有任何操作只做了一半。",
    "database_unavailable": "数据库没有响应，请稍后再试。",
    "missing_part": "本安装缺少该部分。",
    # What the voucher contract refuses (primitives/contract_errors.py).
    "campaign_already_exists": "相同规则、发行方和盐的活动已存在，请换一个盐。",
    "invalid_term": "合约拒绝了条款 {term}：不成立或相互矛盾。",
    "not_issuer": "只有活动的发行方可以执行此操作。",
    "not_funder": "只有活动的出资方可以执行此操作。",
    "power_not_declared": "活动条款没有声明此权力（{power}），任何人都不能行使。",
    "cap_exceeded": "超过活动的发行上限（{cap}）。",
    "not_next_number": "下一张券的编号应为 {next}，而不是 {given}。",
    "under_funded": "托管资金不足以覆盖全部优惠券：需要 {needed}，现有 {have}。",
    "outside_window": "现在不在允许的时间内。",
    "campaign_paused": "活动已被发行方暂停。",
    "campaign_not_paused": "活动没有暂停。",
    "pause_exhausted": "条款允许的暂停时间已用完。",
    "nothing_to_fund": "该活动不付款，无需注资。",
    "nothing_to_reclaim": "托管账户中已无余额。",
    "merchant_already_added": "该商家已在名单中。",
    "merchant_not_accepted": "该商家不能接受此活动的优惠券。",
    "voucher_void": "该优惠券已被发行方作废。",
    "voucher_moved": "签名之后优惠券发生了变化，请重新签署订单。",
    "transfer_not_allowed": "活动的转让规则不允许此次转让。",
    "not_one_unit": "优惠券只能整张转让。",
    "not_merchant_or_relayer": "只有订单的商家或其指定的代付方可以提交。",
    "not_order_holder": "只有订单的持券人可以提交。",
    "same_party": "持券人与商家是同一账户，无法构成双方同意。",
    "invalid_signature": "签名不是应当同意的一方所签，请重新签名。",
    "order_expired": "订单已过期，请重新报价并签名。",
    "order_already_paid": "该订单已付款。",
    "empty_order": "订单既没有优惠券也没有余款。",
    "remainder_not_exact": "代币没有准确转移余款，请换一种代币付款。",
    "batch_already_issued": "批次号 {batch} 已使用：该批次已发行，或请换一个编号。",
    "invalid_batch": "每批至少 1 张、最多 {most} 张，请拆分。",
    "drop_already_committed": "空投编号 {drop} 已使用：该空投已提交，或请换一个编号。",
    "invalid_drop": "空投须有默克尔根和至少一个叶子。",
    "invalid_proof": "该证明不能证明此持有人在空投名单中，请核对公布的名单。",
    "proof_count_mismatch": "订单中的每张券都须有一个证明（不需要的留空）。",
    "voucher_already_claimed": "该优惠券已被领取。",
    "invalid_ticket_serial": "领券凭证的编号无效，请重新索取。",
    "no_ticket_signer": "该活动没有领券凭证的签发人。",
    "ticket_expired": "领券凭证已过期，请重新索取。",
    "claim_limit_reached": "该持有人已达到领取上限（{limit}）。",
    "value_not_covered": "余额 {remaining} 不足以抵扣 {amount_minor}，或金额为零。",
    "not_the_book": "只有合约自身可以调用。",
    "receipt_not_found": "找不到该回执：请按日志顺序列出该次调用中所有可撤销的核销。",
    "receipt_index_out_of_range": "回执中没有该序号的条目。",
    "redemption_mismatch": "所给信息属于另一笔核销。",
    "redemption_already_reversed": "该笔核销已被撤销。",
    "payout_not_returned": "须先退回补贴款：需要 {needed}，可用 {have}。",
    "return_out_of_range": "退回金额须大于零且不超过 {most}。",
    "nothing_to_settle": "目前没有可结算的款项，请等退款期过后再试。",
    "not_minter": "只有测试币的铸造者可以增发。",
    "invalid_account_nonce": "授权签名的序号已变化，请重新签名。",
}

_BY_RULE: Mapping[str, str] = {
    "address_range": "此 API 密钥不能从您的网络地址使用。",
    "approved": "您的证件已通过审核。",
    "auditor": "此操作仅限审计员。",
    "csrf": "未能确认此请求来自本页面。",
    "grant": "您获得的审计授权不包含此内容。",
    "last_login": "这是您唯一的登录方式：请先设置密码或通行密钥。",
    "last_owner": "组织至少要有一位所有者：请先指定另一位。",
    "member": "您已是成员：所有者可以更改您的角色。",
    "operator": "此操作仅限运营方。",
    "own_document": "不能审核自己的证件。",
    "person": "此密钥属于组织，不能用于您个人的内容。",
    "release_not_asked": "尚无人申请解冻：请先由账户所有者申请。",
    "second_factor": "此操作需要第二重验证的验证码。",
    "second_factor_older_than_freeze": "冻结之前没有启用第二重验证：请申请解冻，并由第二个人同意。",
    "second_person": "须由第二个人同意，不能是申请人自己。",
    "totp_in_use": "验证器已启用：请先移除它。",
    "waiting": "您有一份证件正在等待审核。",
    "wallet_in_use": "此账户已用于登录另一个账号。",
}
"""Of `not_permitted`, by the rule that refused: most of them ask for something else than a role."""
_ROLE = "您在该组织中的角色无权执行此操作。"


def detail_text(code: str, english: str, facts: Mapping[str, Any], language: Language) -> str:
    """The error's text in the caller's language, falling back to English."""
    if language == "en":
        return english
    template = _refusal(str(facts.get("rule"))) if code == "not_permitted" else None
    template = template or _CHINESE.get(code)
    if template is None:
        return english
    try:
        return template.format_map(dict(facts))
    except (KeyError, IndexError):
        return english


def _refusal(rule: str) -> str | None:
    return _ROLE if rule.startswith("member:") else _BY_RULE.get(rule)
