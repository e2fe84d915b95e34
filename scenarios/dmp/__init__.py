"""The shared record: feeding it, correcting it, consulting it."""
