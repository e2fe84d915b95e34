"""Checks of one XDM archive: its layout, its safety, its metadata against its files and documents."""
