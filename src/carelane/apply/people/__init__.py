"""Staff in an organization file: members, their licenses, passwords and second factors."""
