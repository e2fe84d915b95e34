"""The simulated SI-SDO (follow-up of orientation decisions, ViaTrajectoire): its decisions, calls, tokens, faults."""
