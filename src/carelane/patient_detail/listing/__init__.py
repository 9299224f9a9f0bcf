"""All patients, page by page, the newest first."""
