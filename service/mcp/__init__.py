"""The Model Context Protocol: JSON-RPC over Streamable HTTP, stateless, plain JSON answers."""
