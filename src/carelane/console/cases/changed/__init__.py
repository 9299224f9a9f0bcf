"""When somebody was faster: who did what since the form was opened, and what was typed, which is never lost."""
