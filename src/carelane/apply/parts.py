"""Types that several parts of an organization file share."""

from typing import Annotated

from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=10_000)]
Link = Annotated[str, Meta(pattern=r"^https?://\S+$", max_length=2_000)]
# What storefronts name a part by.
Code = Annotated[str, Meta(pattern=r"^\S{1,100}$")]
Secret = Annotated[str, Meta(min_length=1, max_length=500)]
# More of one kind than anyone sells or asks; a file beyond it is a mistake.
MAX_ITEMS = 1_000
