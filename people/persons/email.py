"""One form of an e-mail address, so that one mailbox is one account."""

from email_validator import EmailNotValidError, validate_email

from primitives.errors import InvalidValue


def normalised_email(text: str) -> str:
    """Unicode-normalised and lower-case, at most 254 characters; DNS is not asked.

    Raises:
        InvalidValue: Not an address (RFC 5321, RFC 6531).
    """
    try:
        checked = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise InvalidValue("this is not an e-mail address") from error
    return checked.normalized.lower()
