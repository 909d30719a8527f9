"""The tests inside an old plugin run in the environment that it is installed in, not in ours."""

collect_ignore_glob = ["micrograd-*"]
