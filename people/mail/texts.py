"""What the mails say: Chinese first, then English; never a password, never an amount."""

from __future__ import annotations

from people.mail.sender import Mail


def verification(to: str, token: str, link: str) -> Mail:
    """Verifies a mailbox."""
    return Mail(
        to,
        "券包:验证您的邮箱 / Quanbao: verify your address",
        f"""有人用此邮箱注册了券包。若是您本人,请在两天内打开:

{link}

或把此验证码填入"验证邮箱":

{token}

若不是您,请忽略此邮件,不会发生任何事。

--

Somebody registered with this address. If it was you, open the link above within two days, or paste the code under
"verify e-mail". If it was not you, do nothing: nothing will happen.
""",
    )


def invitation(to: str, organisation: str, role: str, token: str, link: str) -> Mail:
    """Invites somebody into an organisation."""
    return Mail(
        to,
        f"券包:{organisation} 邀请您加入 / Quanbao: an invitation",
        f"""{organisation} 邀请您以"{role}"身份加入。请在七天内登录后打开:

{link}

或把此邀请码填入"接受邀请":

{token}

--

{organisation} invites you as {role}. Log in with this address and open the link above within seven days, or paste the
code under "accept invitation". If you do not know them, do nothing.
""",
    )
