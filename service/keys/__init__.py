"""API keys: who is calling. Made and revoked by ``python -m service.keys``, looked up by the ``authenticate`` stage.

A key belongs to a principal, named by the operator; one principal may hold several keys, so that they can be rotated.
"""
