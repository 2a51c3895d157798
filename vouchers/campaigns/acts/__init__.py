"""What is done with a campaign after its launch, one payment after the other on each chain."""
