"""The catalogue as a published file: read from its address, and imported when it is a new one."""
