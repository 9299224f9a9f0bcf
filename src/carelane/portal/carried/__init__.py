"""What a patient answered before to questions whose answer holds from visit to visit. Storefronts fill their forms in with it."""
