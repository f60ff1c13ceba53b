package main

import (
	"fmt"
	"regexp"

	"github.com/vmware/govmomi/vim25/types"
)

// messages are the texts vCenter gives with its faults, as far as they carry no values. The simulator leaves them empty
// in calls and puts Go type names into tasks, which no client should have to see.
var messages = map[string]string{
	"AlreadyExists":              "The specified key, name, or identifier already exists.",
	"AlreadyBeingManaged":        "The host is already being managed by another vCenter Server.",
	"AlreadyUpgraded":            "The virtual machine is already up-to-date.",
	"AuthMinimumAdminPermission": "This operation would leave no user or group with full administrative privileges.",
	"ConcurrentAccess":           "The object has been changed by another operation.",
	"CpuHotPlugNotSupported":     "CPU hot plug is not supported for this virtual machine.",
	"CustomizationPending":       "A customization operation is already pending on the virtual machine.",
	"DeviceHotPlugNotSupported":  "The device cannot be added, changed or removed while the virtual machine is on.",
	"DuplicateName":              "The name already exists.",
	"HostNotConnected":           "Unable to communicate with the remote host, since it is disconnected.",
	"InvalidArgument":            "A specified parameter was not correct.",
	"InvalidController":          "Invalid controller specified for a device.",
	"InvalidDatastorePath":       "Invalid datastore path.",
	"InvalidDeviceOperation":     "Invalid operation for a device.",
	"InvalidDeviceSpec":          "Invalid configuration for a device.",
	"InvalidFolder":              "The destination folder is not valid for the entity.",
	"InvalidLogin":               "Cannot complete login due to an incorrect user name or password.",
	"InvalidName":                "The name is invalid.",
	"InvalidPowerState":          "The attempted operation cannot be performed in the current state.",
	"InvalidState":               "The operation is not allowed in the current state.",
	"InvalidVmConfig":            "Invalid virtual machine configuration.",
	"ManagedObjectNotFound":      "The object has already been deleted or has not been completely created.",
	"MemoryHotPlugNotSupported":  "Memory hot plug is not supported for this virtual machine.",
	"NicSettingMismatch":         "The number of network adapters in the customization specification does not match the virtual machine.",
	"NoDiskFound":                "No virtual disk was found.",
	"NoHost":                     "Cannot contact the specified host.",
	"NoPermission":               "Permission to perform this operation was denied.",
	"NotAuthenticated":           "The session is not authenticated.",
	"NotFound":                   "The object or item referred to could not be found.",
	"NotSupported":               "The operation is not supported on the object.",
	"RemoveFailed":               "The object cannot be removed, it is in use.",
	"ResourceInUse":              "The resource is in use.",
	"SSLVerifyFault":             "Authenticity of the host's SSL certificate is not verified.",
	"TooManyDevices":             "Number of virtual devices exceeds the maximum for a given controller.",
	"ToolsUnavailable":           "Cannot complete operation because VMware Tools is not running in this virtual machine.",
	"UncustomizableGuest":        "Customization of the guest operating system is not supported in this configuration.",
	"UserNotFound":               "The user or group does not exist.",
}

// messageOf is the text for a fault with the values it carries.
func messageOf(f any) string {
	switch f := f.(type) {
	case *types.InvalidDeviceSpec:
		return fmt.Sprintf("Invalid configuration for device '%d'.", f.DeviceIndex)
	case *types.InvalidDeviceOperation:
		return fmt.Sprintf("Invalid operation for device '%d'.", f.DeviceIndex)
	case *types.InvalidController:
		return fmt.Sprintf("Invalid controller specified for device '%d'.", f.DeviceIndex)
	case *types.InvalidArgument:
		return "A specified parameter was not correct: " + f.InvalidProperty
	case *types.InvalidDatastorePath:
		return fmt.Sprintf("Invalid datastore path '%s'.", f.DatastorePath)
	case *types.FileNotFound:
		return fmt.Sprintf("File %s was not found", f.File)
	case *types.DuplicateName:
		return fmt.Sprintf("The name '%s' already exists.", f.Name)
	}
	return ""
}

func message(kind string) string {
	if m := messages[kind]; m != "" {
		return m
	}
	return kind
}

var (
	reNoMessage   = regexp.MustCompile(`<faultstring></faultstring>(<detail><\w+ [^>]*?xsi:type="(\w+)")`)
	reTaskMessage = regexp.MustCompile(`<localizedMessage>\*types\.(\w+)</localizedMessage>`)
)

// fillMessages puts texts where the simulator has none.
func fillMessages(b []byte) []byte {
	b = reNoMessage.ReplaceAllFunc(b, func(x []byte) []byte {
		m := reNoMessage.FindSubmatch(x)
		return append([]byte("<faultstring>"+message(string(m[2]))+"</faultstring>"), m[1]...)
	})
	return reTaskMessage.ReplaceAllFunc(b, func(x []byte) []byte {
		return []byte("<localizedMessage>" + message(string(reTaskMessage.FindSubmatch(x)[1])) + "</localizedMessage>")
	})
}
