# Destroyed while another user has added a host.
