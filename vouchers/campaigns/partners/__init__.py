"""Other organisations in a campaign: asked before the launch, bound by their own word alone."""
