"""What reads and writes bytes: the parser, the connections and the answers of the HTTP server."""
