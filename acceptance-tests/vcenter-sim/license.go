package main

import (
	"regexp"
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// licenseKey is the form of a license key.
var licenseKey = regexp.MustCompile(`^[0-9A-Z]{5}(-[0-9A-Z]{5}){4}$`)

// xLicenses is LicenseManager as vCenter has it. The simulator accepts any text as a key, lists added licenses without
// name, edition and units, cannot remove a label, and removes the wrong one where a label becomes empty.
type xLicenses struct{ *simulator.LicenseManager }

func (m *xLicenses) index(key string) int {
	return slices.IndexFunc(m.Licenses, func(l types.LicenseManagerLicenseInfo) bool { return l.LicenseKey == key })
}

// AddLicense: a key that is not valid is not added, and the answer says why in the property "diagnostic" (govmomi's
// `license.add` and the official provider read it).
func (m *xLicenses) AddLicense(ctx *simulator.Context, req *types.AddLicense) soap.HasFault {
	body := &methods.AddLicenseBody{Res: &types.AddLicenseResponse{}}
	if !licenseKey.MatchString(req.LicenseKey) {
		body.Res.Returnval = types.LicenseManagerLicenseInfo{
			LicenseKey: req.LicenseKey,
			Properties: []types.KeyAnyValue{{Key: "diagnostic", Value: "The license key is not valid"}},
		}
		return body
	}
	if i := m.index(req.LicenseKey); i >= 0 {
		body.Res.Returnval = m.Licenses[i]
		return body
	}
	info := types.LicenseManagerLicenseInfo{
		LicenseKey: req.LicenseKey, EditionKey: "esx.enterprisePlus.cpuPackage", Name: "VMware vSphere 8 Enterprise Plus",
		Total: 16, CostUnit: "cpuPackage", Labels: req.Labels,
	}
	m.Licenses = append(slices.Clone(m.Licenses), info)
	body.Res.Returnval = info
	return body
}

func (m *xLicenses) UpdateLicenseLabel(ctx *simulator.Context, req *types.UpdateLicenseLabel) soap.HasFault {
	body := &methods.UpdateLicenseLabelBody{}
	if !m.label(req.LicenseKey, req.LabelKey, &req.LabelValue) {
		body.Fault_ = fault(&types.InvalidArgument{InvalidProperty: "licenseKey"})
		return body
	}
	body.Res = &types.UpdateLicenseLabelResponse{}
	return body
}

func (m *xLicenses) RemoveLicenseLabel(ctx *simulator.Context, req *types.RemoveLicenseLabel) soap.HasFault {
	body := &methods.RemoveLicenseLabelBody{}
	if !m.label(req.LicenseKey, req.LabelKey, nil) {
		body.Fault_ = fault(&types.InvalidArgument{InvalidProperty: "licenseKey"})
		return body
	}
	body.Res = &types.RemoveLicenseLabelResponse{}
	return body
}

// label sets a label of a license, or removes it.
func (m *xLicenses) label(license, key string, value *string) bool {
	i := m.index(license)
	if i < 0 {
		return false
	}
	labels := slices.DeleteFunc(slices.Clone(m.Licenses[i].Labels), func(l types.KeyValue) bool { return l.Key == key })
	if value != nil {
		labels = append(labels, types.KeyValue{Key: key, Value: *value})
	}
	m.Licenses = slices.Clone(m.Licenses)
	m.Licenses[i].Labels = labels
	return true
}
