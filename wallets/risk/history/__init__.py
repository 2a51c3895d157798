"""What is known of an account when it is about to pay."""
