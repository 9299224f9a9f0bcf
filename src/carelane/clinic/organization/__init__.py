"""The organization itself: what it is called, how cases come to clinicians, who may call from a browser; and what is kept how long."""
