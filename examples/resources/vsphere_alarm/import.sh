# By the inventory path of the entity, then the name of the alarm.
terraform import vsphere_alarm.host_connection "/dc1:Host connection lost"

# By managed object ID.
terraform import vsphere_alarm.host_connection alarm-42
