"""`check_op` as a fixture: it holds an op against what users rely on, in two orders."""

pytest_plugins = ["micrograd.engine.testing"]
