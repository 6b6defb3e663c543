"""What is kept warm, and how: the popular briefs, one warm-up over them, the budget of the AI for it."""
