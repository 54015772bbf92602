"""Jobs and their calls: submitting, working them off, cancelling, and what the pages show of them."""
