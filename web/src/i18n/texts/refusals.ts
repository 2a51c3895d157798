import { chinese, english } from "./pairs";

/** What to do about a refusal, by the rule that refused; a role of a shop is asked for in one way, whichever it is. */
const texts = {
  "hint.role": ["Ask the owner of the shop for the role that this needs.", "请向店主申请所需的角色。"],
  "hint.operator": ["Ask whoever runs this installation.", "请联系本安装的运营方。"],
  "hint.auditor": ["Ask the operator to make you an auditor.", "请向运营方申请审计员角色。"],
  "hint.person": ["Sign in as yourself for this.", "请以您个人的身份登录后再试。"],
  "hint.csrf": ["Reload the page, then try again.", "请刷新页面后再试。"],
  "hint.address_range": ["Use it from where it is meant for, or make another key.", "请在允许的网络中使用，或另建一个密钥。"],
  "hint.grant": ["Ask the shop to open this campaign to you.", "请商家向您开放这个活动。"],
  "hint.approved": ["There is nothing more to do.", "无需再做任何操作。"],
  "hint.waiting": ["You are told here as soon as somebody has looked at it.", "审核完成后会在这里通知您。"],
  "hint.own_document": ["Leave it to another reviewer.", "请交由另一位审核人处理。"],
  "hint.last_login": ["Set a password or a passkey under Security first.", "请先在“安全”中设置密码或通行密钥。"],
  "hint.last_owner": ["Make somebody else an owner under the shop's settings first.", "请先在店铺设置中将另一人设为所有者。"],
  "hint.member": ["You can work in this shop already: open it from the menu.", "您已可在该店铺中工作，请从菜单打开。"],
  "hint.release_not_asked": ["Ask for the release first; then the second person agrees.", "请先申请解冻，再由第二个人同意。"],
  "hint.second_person": ["Ask a second person to agree.", "请让第二个人同意。"],
  "hint.second_factor": [
    "Enter the code of your authenticator. If you have none, set it up under Security first.",
    "请输入验证器的验证码；若还没有，请先在“安全”中设置。",
  ],
  "hint.second_factor_older_than_freeze": [
    "Ask for the release, and let a second person agree to it.",
    "请申请解冻，并让第二个人同意。",
  ],
  "hint.totp_in_use": ["Remove the authenticator under Security first, then set up the new one.", "请先在“安全”中移除现有验证器，再设置新的。"],
  "hint.wallet_in_use": [
    "This account signs in to another account here. Sign out and sign in with it, or choose another one in the wallet.",
    "该钱包账户已用于登录另一个账号。请退出后用它登录，或在钱包中换一个账户。",
  ],
  "hint.watch_only": ["Sign in the wallet that has its keys, or import it here with its words.", "请在持有密钥的钱包中签名，或用助记词在此导入。"],
} as const;

export const refusalsEn = english(texts);
export const refusalsZh = chinese(texts);
