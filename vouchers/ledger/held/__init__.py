"""What accounts hold, part by part."""
