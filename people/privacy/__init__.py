"""Personal data: sealed for each person, so that erasing somebody is destroying one key."""
