package main

import (
	"regexp"
)

// messages are the texts vCenter gives with its faults, as far as they carry no values. The simulator leaves them empty
// in calls and puts Go type names into tasks, which no client should have to see.
var messages = map[string]string{
	"AlreadyExists":              "The specified key, name, or identifier already exists.",
	"AuthMinimumAdminPermission": "This operation would leave no user or group with full administrative privileges.",
	"DuplicateName":              "The name already exists.",
	"InvalidArgument":            "A specified parameter was not correct.",
	"InvalidFolder":              "The destination folder is not valid for the entity.",
	"InvalidLogin":               "Cannot complete login due to an incorrect user name or password.",
	"InvalidName":                "The name is invalid.",
	"InvalidPowerState":          "The attempted operation cannot be performed in the current state.",
	"InvalidState":               "The operation is not allowed in the current state.",
	"ManagedObjectNotFound":      "The object has already been deleted or has not been completely created.",
	"NoPermission":               "Permission to perform this operation was denied.",
	"NotAuthenticated":           "The session is not authenticated.",
	"NotFound":                   "The object or item referred to could not be found.",
	"NotSupported":               "The operation is not supported on the object.",
	"RemoveFailed":               "The object cannot be removed, it is in use.",
	"ResourceInUse":              "The resource is in use.",
	"UserNotFound":               "The user or group does not exist.",
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
