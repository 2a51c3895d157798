"""Words that payments wait for, and who has said them."""
