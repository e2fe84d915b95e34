"""What the scenarios of one national service share: functions that take the stage."""
