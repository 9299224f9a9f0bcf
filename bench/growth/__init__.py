"""What a clinic costs when it has grown: a loader of any number of cases, and every read measured at two sizes."""
