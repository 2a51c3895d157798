"""Identity levels: wallet only, verified e-mail, document reviewed by a person."""
