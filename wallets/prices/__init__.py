"""What an asset is worth in a currency: who says so, and when it was so."""
