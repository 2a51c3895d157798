"""Invitations: somebody is asked into an organisation by e-mail, and decides."""
