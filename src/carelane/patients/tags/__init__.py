"""Tags that a clinic puts on its patients, in the billing dialect. A tag that is removed leaves every patient."""
