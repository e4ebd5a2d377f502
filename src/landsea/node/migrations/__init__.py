"""Migrations: how the store of one release becomes that of the next. Expand first, contract a release later."""
