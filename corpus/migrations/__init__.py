"""Schema migrations of the catalogue, run by Alembic when a data directory is opened."""
