"""Runs the migrations on the connection that `node.store` opened, within its transaction."""

from alembic import context

from landsea.node.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
