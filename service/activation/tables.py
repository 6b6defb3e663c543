"""What activation keeps in the state file: the activations with their history, and the idempotency keys seen.

Made where they are missing, so that an older file gains them when it is opened; nothing here is ever cached in memory.
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS activations (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  principal TEXT NOT NULL, account TEXT NOT NULL, signal TEXT NOT NULL, destination TEXT NOT NULL,
  state TEXT NOT NULL, action TEXT NOT NULL, delivery TEXT NOT NULL, course TEXT NOT NULL,
  adapter TEXT NOT NULL, sandbox INTEGER NOT NULL, pricing_option TEXT, activation_key TEXT, reason TEXT NOT NULL,
  requested_at REAL NOT NULL, changed_at REAL NOT NULL, deployed_at REAL, estimated_minutes INTEGER,
  sent INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, due REAL, patience REAL,
  UNIQUE (principal, account, signal, destination));
CREATE INDEX IF NOT EXISTS activations_due ON activations (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS activations_by_state ON activations (state, changed_at);
CREATE TABLE IF NOT EXISTS activation_changes (
  activation TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS changes_of_activation ON activation_changes (activation);
CREATE TABLE IF NOT EXISTS idempotency (
  principal TEXT NOT NULL, account TEXT NOT NULL, key TEXT NOT NULL, hash BLOB NOT NULL, body BLOB,
  at REAL NOT NULL, PRIMARY KEY (principal, account, key)) WITHOUT ROWID;
"""
