"""Staff in an organization file: members, their licences, passwords and second factors."""
