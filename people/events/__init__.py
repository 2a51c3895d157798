"""What happened, told to whom it concerns: rows written in the transaction of the act, read as a feed.

An event is a hint with ids in it, never the record itself: readers fetch what it names.
"""

from people.events.sql import publish, publish_many

__all__ = ["publish", "publish_many"]
