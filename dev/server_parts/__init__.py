# The parts of dev/servers.py: how each real server is fetched, started, asked whether it lives, and ended.
