"""What instances share through Redis. Imported only where ``REDIS_URL`` is set; nothing here keeps a request waiting
for longer than one short socket time-out, and nothing here makes one fail."""
