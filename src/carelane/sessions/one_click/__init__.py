"""Links that sign in as a member of the demo by one click: only where `carelane demo-data` made the member, and only on loopback.

On any other server, and for any other member, such a link is not there.
"""
