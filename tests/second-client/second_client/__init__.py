"""A second client of the notebook channel, written from docs/protocol.md."""
