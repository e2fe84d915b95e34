"""The playing side: what a scenario stands on."""
