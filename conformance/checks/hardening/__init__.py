"""What makes the product's front door harder to force. No requirement asks for it in these words: it counts in no verdict.

Each rule names the guide that it comes from. Levels: an error is a weakness to mend, a warning something to better.
"""
