"""Cases in short, many at once: who, how far, and for what. A page costs as many statements as one case does."""
