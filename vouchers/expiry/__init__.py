"""The end of a campaign: reminders before it, reclaim after it, and what was never used."""
