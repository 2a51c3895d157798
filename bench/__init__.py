"""Benchmarks: each measures ours beside a reference in the same run; ratios and medians count, not seconds."""
