import { chinese, english } from "./pairs";

/** Texts of signing in by a wallet elsewhere, of sessions that end, and of a server that takes long. */
const texts = {
  "sign_in.other_ways": ["Other ways in", "其他方式"],
  "sign_in.by_wallet": ["Sign in with {wallet}", "用 {wallet} 登录"],
  "sign_in.by_wallet_text": [
    "You sign a text; it costs nothing and moves nothing. A wallet that is new here opens an account of its own.",
    "只需签署一段文字，不收费，也不动用资产。首次使用的钱包会开立新账号。",
  ],
  "sign_in.help": ["Help", "帮助"],

  "outside.asking": ["Look at {wallet}: it asks for your word.", "请查看 {wallet}：它正等您确认。"],
  "outside.absent": [
    "{wallet} is not in this browser. Install it, or open this page in its own browser.",
    "此浏览器中没有 {wallet}。请安装，或在其内置浏览器中打开本页。",
  ],
  "outside.refused": ["You declined in {wallet}. Nothing has changed; try again whenever you like.", "您在 {wallet} 中拒绝了请求，没有任何改变，可随时重试。"],
  "outside.busy": [
    "{wallet} shows an earlier question still. Open it, answer there, and try again.",
    "{wallet} 还有未处理的请求。请打开它处理后再试。",
  ],
  "outside.failed": [
    "{wallet} answered with an error: {reason} Unlock it, choose the account, and try again.",
    "{wallet} 返回错误：{reason} 请解锁、选好账户后再试。",
  ],
  "outside.other_account": [
    "This was signed by another account, or took longer than five minutes. Choose the account in the wallet and try again.",
    "签名来自另一个账户，或超过了五分钟。请在钱包中选好账户后再试。",
  ],
  "outside.get": ["Get {wallet}", "获取 {wallet}"],
  "outside.open_in": ["Open this page in {wallet}", "在 {wallet} 中打开本页"],

  "connect.other_chain": [
    "{wallet} is on a chain that is not set up here. Signing in works all the same; shown is what the account holds on {chains}.",
    "{wallet} 当前所在的链此处未配置。登录不受影响；显示的是该账户在{chains}上的资产。",
  ],
  "session.again": ["Sign in again", "请重新登录"],
  "session.ended": [
    "{name}, your session has ended. What you were doing is kept below: sign in and go on.",
    "{name}，您的登录已过期。您正在填写的内容都保留着，登录后即可继续。",
  ],
  "session.leave": ["Leave it, and show nothing of mine", "放弃，不再显示我的内容"],

  "reach.gone": [
    "The server is out of reach. What you see may be old; the page goes on by itself when it is back.",
    "暂时连不上服务器。所显示的内容可能不是最新的，恢复后会自动继续。",
  ],
  "reach.slow": [
    "The server takes longer than usual. What you tapped is under way: no need to tap again.",
    "服务器响应比平时慢。您的操作正在处理，无需重复点击。",
  ],
  "reach.reload": ["Load the page again", "重新加载页面"],
} as const;

export const sessionEn = english(texts);
export const sessionZh = chinese(texts);
