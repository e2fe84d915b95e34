"""Scenarios on orientation decisions (SI-SDO, ViaTrajectoire)."""
