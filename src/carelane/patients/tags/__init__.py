"""Tags: words by which a clinic sorts its patients, in the billing dialect."""
