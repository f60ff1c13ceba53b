# By name.
terraform import vsphere_namespace.team_a team-a
