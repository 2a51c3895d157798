"""What an operator watches: metrics of the work, beside those of the requests."""
