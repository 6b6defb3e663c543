"""Activation: a signal is ordered onto a platform, and called live there only when that was confirmed."""
