"""The Ad Context Protocol 3.x as a signals agent speaks it: requests, answers, errors; no transport."""
