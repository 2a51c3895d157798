"""People: persons, organisations with their members, sessions, and the feed of events that concerns each of them.

Second factors, passkeys and API keys join `people.sessions` beside the password; nothing here knows of HTTP.
"""
