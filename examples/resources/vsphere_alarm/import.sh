# By the inventory path of the entity and the name.
terraform import vsphere_alarm.host_connection "/dc1:Host connection lost"

# By the managed object ID.
terraform import vsphere_alarm.host_connection alarm-42
