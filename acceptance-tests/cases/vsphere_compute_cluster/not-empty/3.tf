# Destroyed after the host was removed.
