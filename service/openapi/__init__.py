"""The interface described as OpenAPI 3.1, and what is checked against that description."""
