"""A second vaccination engine, written from the law alone, to test the first one against."""
