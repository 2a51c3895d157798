"""What the mails say: Chinese first, then English; never a password, never an amount."""

from __future__ import annotations

from people.mail.sender import Mail


def verification(to: str, token: str, link: str) -> Mail:
    """Verifies a mailbox."""
    return Mail(
        to,
        "券包：验证您的邮箱 / Quanbao: verify your address",
        f"""有人用此邮箱注册了券包。若是您本人，请在两天内打开：

{link}

或把此验证码填入"验证邮箱":

{token}

若不是您，请忽略此邮件，不会发生任何事。

--

Somebody registered with this address. If it was you, open the link above within two days, or paste the code under
"verify e-mail". If it was not you, do nothing: nothing will happen.
""",
    )


def registered_already(to: str, link: str) -> Mail:
    """To the owner of an address that somebody registers again."""
    return Mail(
        to,
        "券包：您已有账号 / Quanbao: you have an account",
        f"""有人想用此邮箱注册券包，而此邮箱已有账号。若是您本人，请直接登录：

{link}

若不是您，请忽略此邮件，您的账号没有任何变化。

--

Somebody wants to register with this address, which has an account. If it was you, log in there. If it was not you, do
nothing: your account is as it was.
""",
    )


def invitation(to: str, organisation: str, role: str, token: str, link: str) -> Mail:
    """Invites somebody into an organisation."""
    return Mail(
        to,
        f"券包：{organisation} 邀请您加入 / Quanbao: an invitation",
        f"""{organisation} 邀请您以“{role}”身份加入。请在七天内登录后打开：

{link}

或把此邀请码填入"接受邀请":

{token}

--

{organisation} invites you as {role}. Log in with this address and open the link above within seven days, or paste the
code under "accept invitation". If you do not know them, do nothing.
""",
    )
