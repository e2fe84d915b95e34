"""The DMP of a lane: a simulation of the national shared record (docs/services/dmp.md says what of it is played)."""
