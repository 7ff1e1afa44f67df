"""What is written for people and for other programs: every format of every command is a row of one table."""
