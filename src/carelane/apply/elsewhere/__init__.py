"""What the console and others changed since the organization file was last applied, and what applying a file would change."""
