package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/pbm"
	pbmmethods "github.com/vmware/govmomi/pbm/methods"
	pbmsim "github.com/vmware/govmomi/pbm/simulator"
	pbmtypes "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// profileStore remembers which storage policy was given to which machine and disk, and to which first class disk.
type profileStore struct {
	mu   sync.Mutex
	home map[ref]string
	disk map[ref]map[int32]string
	fcd  map[string]string
}

func newProfileStore() *profileStore {
	return &profileStore{home: map[ref]string{}, disk: map[ref]map[int32]string{}, fcd: map[string]string{}}
}

// rememberFCDProfile keeps the policy of a first class disk, or that it has none.
func (s *sim) rememberFCDProfile(id string, list []types.BaseVirtualMachineProfileSpec) {
	p := s.profiles
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fcd[id] = profileOf(list); p.fcd[id] == "" {
		delete(p.fcd, id)
	}
}

func (p *profileStore) forget(vm ref) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.home, vm)
	delete(p.disk, vm)
}

// profileOf is the policy that a specification names; none for the default of the datastore.
func profileOf(list []types.BaseVirtualMachineProfileSpec) string {
	for _, s := range list {
		if d, ok := s.(*types.VirtualMachineDefinedProfileSpec); ok {
			return d.ProfileId
		}
	}
	return ""
}

// rememberProfiles keeps what was given; a list that is missing changes nothing, a default profile takes one away.
func (s *sim) rememberProfiles(vm ref, home []types.BaseVirtualMachineProfileSpec, disks map[int32][]types.BaseVirtualMachineProfileSpec) {
	p := s.profiles
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(home) > 0 {
		if p.home[vm] = profileOf(home); p.home[vm] == "" {
			delete(p.home, vm)
		}
	}
	for key, list := range disks {
		if len(list) == 0 {
			continue
		}
		if p.disk[vm] == nil {
			p.disk[vm] = map[int32]string{}
		}
		if p.disk[vm][key] = profileOf(list); p.disk[vm][key] == "" {
			delete(p.disk[vm], key)
		}
	}
}

// specsOf is what a clone inherits.
func (p *profileStore) specsOf(vm ref) (home []types.BaseVirtualMachineProfileSpec, disks map[int32][]types.BaseVirtualMachineProfileSpec) {
	p.mu.Lock()
	defer p.mu.Unlock()
	spec := func(id string) []types.BaseVirtualMachineProfileSpec {
		return []types.BaseVirtualMachineProfileSpec{&types.VirtualMachineDefinedProfileSpec{ProfileId: id}}
	}
	if id := p.home[vm]; id != "" {
		home = spec(id)
	}
	disks = map[int32][]types.BaseVirtualMachineProfileSpec{}
	for key, id := range p.disk[vm] {
		disks[key] = spec(id)
	}
	return home, disks
}

// xProfiles is the profile manager of the policy service: it knows what profiles machines and disks have.
type xProfiles struct {
	*pbmsim.ProfileManager
	s *sim
}

func (s *sim) fillPbm() {
	ctx := s.model.Service.Context.For(pbm.Path)
	if ctx.Map == nil {
		return
	}
	for _, o := range ctx.Map.AllReference("PbmProfileProfileManager") {
		if m, ok := o.(*pbmsim.ProfileManager); ok {
			s.pbm = m
			ctx.Map.Put(&xProfiles{m, s})
			ctx.Map.Put(&xCompliance{ref{Type: "PbmComplianceManager", Value: "complianceManager"}, &xProfiles{m, s}})
		}
	}
}

// encryptionService is the policy of a data service that the default encryption policy refers to, as the vSphere Client and
// PowerCLI write them: the policies of data services are of a category of their own.
const encryptionService = "ad5a249d-cbc2-43af-9366-694d7664fa52"

func encryptionServiceProfile() *pbmtypes.PbmCapabilityProfile {
	p := &pbmtypes.PbmCapabilityProfile{
		PbmProfile:      pbmtypes.PbmProfile{ProfileId: pbmtypes.PbmProfileId{UniqueId: encryptionService}, Name: "Default encryption properties"},
		ProfileCategory: string(pbmtypes.PbmProfileCategoryEnumDATA_SERVICE_POLICY),
		ResourceType:    pbmtypes.PbmProfileResourceType{ResourceType: "STORAGE"},
		LineOfService:   string(pbmtypes.PbmLineOfServiceInfoLineOfServiceEnumENCRYPTION),
	}
	capability := pbmtypes.PbmCapabilityInstance{
		Id: pbmtypes.PbmCapabilityMetadataUniqueId{Namespace: "vmwarevmcrypt", Id: "vmwarevmcrypt@ENCRYPTION"},
		Constraint: []pbmtypes.PbmCapabilityConstraintInstance{{
			PropertyInstance: []pbmtypes.PbmCapabilityPropertyInstance{{Id: "AllowCleartextFilters", Value: "False"}},
		}},
	}
	p.Constraints = &pbmtypes.PbmCapabilitySubProfileConstraints{
		SubProfiles: []pbmtypes.PbmCapabilitySubProfile{{Name: "Rule-Set 1: IOFILTERS", Capability: []pbmtypes.PbmCapabilityInstance{capability}}},
	}
	return p
}

// PbmQueryProfile adds the policy of a data service, which the simulator lacks.
func (x *xProfiles) PbmQueryProfile(req *pbmtypes.PbmQueryProfile) soap.HasFault {
	r := x.ProfileManager.PbmQueryProfile(req)
	if body, ok := r.(*pbmmethods.PbmQueryProfileBody); ok && body.Res != nil &&
		(req.ProfileCategory == "" || req.ProfileCategory == string(pbmtypes.PbmProfileCategoryEnumDATA_SERVICE_POLICY)) {
		body.Res.Returnval = append(body.Res.Returnval, pbmtypes.PbmProfileId{UniqueId: encryptionService})
	}
	return r
}

// PbmRetrieveContent adds the names for Kubernetes, which vCenter 9.1 and later report, and the policy of a data service. A
// policy keeps its name when it is renamed.
func (x *xProfiles) PbmRetrieveContent(req *pbmtypes.PbmRetrieveContent) soap.HasFault {
	service := pbmtypes.PbmProfileId{UniqueId: encryptionService}
	others := slices.DeleteFunc(slices.Clone(req.ProfileIds), func(id pbmtypes.PbmProfileId) bool { return id == service })
	if len(others) == 0 && len(req.ProfileIds) > 0 {
		res := &pbmtypes.PbmRetrieveContentResponse{Returnval: []pbmtypes.BasePbmProfile{encryptionServiceProfile()}}
		return &pbmmethods.PbmRetrieveContentBody{Res: res}
	}
	r := x.ProfileManager.PbmRetrieveContent(&pbmtypes.PbmRetrieveContent{This: req.This, ProfileIds: others})
	body, ok := r.(*pbmmethods.PbmRetrieveContentBody)
	if !ok || body.Res == nil {
		return r
	}
	if len(others) < len(req.ProfileIds) {
		body.Res.Returnval = append(body.Res.Returnval, encryptionServiceProfile())
	}
	if dottedVersion(x.s.version) < 901 {
		return r
	}
	for _, p := range body.Res.Returnval {
		if p, ok := p.(*pbmtypes.PbmCapabilityProfile); ok && p.K8sCompliantName == "" {
			p.K8sCompliantName = strings.Trim(notInLabels.ReplaceAllString(strings.ToLower(p.Name), "-"), "-")
		}
	}
	return r
}

var notInLabels = regexp.MustCompile("[^a-z0-9]+")

// dottedVersion is a number that is greater for later versions: 901 for 9.1.0.
func dottedVersion(version string) int {
	var major, minor int
	_, _ = fmt.Sscanf(version, "%d.%d", &major, &minor)
	return major*100 + minor
}

// knownProfile reports whether a policy with this ID exists.
func (s *sim) knownProfile(id string) bool {
	if s.pbm == nil {
		return true
	}
	r := s.pbm.PbmRetrieveContent(&pbmtypes.PbmRetrieveContent{ProfileIds: []pbmtypes.PbmProfileId{{UniqueId: id}}})
	return r.Fault() == nil
}

// checkProfiles refuses policies that do not exist.
func (s *sim) checkProfiles(lists ...[]types.BaseVirtualMachineProfileSpec) types.BaseMethodFault {
	for _, list := range lists {
		if id := profileOf(list); id != "" && !s.knownProfile(id) {
			return invalidArgument("profile")
		}
	}
	return nil
}

// find is the policy of an id, to be changed, or nothing.
func (x *xProfiles) find(id pbmtypes.PbmProfileId) *pbmtypes.PbmCapabilityProfile {
	body, ok := x.PbmRetrieveContent(&pbmtypes.PbmRetrieveContent{ProfileIds: []pbmtypes.PbmProfileId{id}}).(*pbmmethods.PbmRetrieveContentBody)
	if !ok || body.Res == nil || len(body.Res.Returnval) != 1 {
		return nil
	}
	p, _ := body.Res.Returnval[0].(*pbmtypes.PbmCapabilityProfile)
	return p
}

// nameTaken reports whether another policy has a name.
func (x *xProfiles) nameTaken(name string, except pbmtypes.PbmProfileId) bool {
	body, ok := x.PbmQueryProfile(&pbmtypes.PbmQueryProfile{ResourceType: pbmtypes.PbmProfileResourceType{ResourceType: "STORAGE"}}).(*pbmmethods.PbmQueryProfileBody)
	if !ok || body.Res == nil {
		return false
	}
	return slices.ContainsFunc(body.Res.Returnval, func(id pbmtypes.PbmProfileId) bool {
		p := x.find(id)
		return p != nil && id != except && p.Name == name
	})
}

// PbmCreate refuses a name that is taken; a policy without a category is one of requirements.
func (x *xProfiles) PbmCreate(ctx *simulator.Context, req *pbmtypes.PbmCreate) soap.HasFault {
	if x.nameTaken(req.CreateSpec.Name, pbmtypes.PbmProfileId{}) {
		return &pbmmethods.PbmCreateBody{Fault_: fault(&pbmtypes.PbmDuplicateName{Name: req.CreateSpec.Name})}
	}
	if req.CreateSpec.Category == "" {
		req.CreateSpec.Category = string(pbmtypes.PbmProfileCategoryEnumREQUIREMENT)
	}
	return x.ProfileManager.PbmCreate(ctx, req)
}

// PbmUpdate changes what the specification has; the simulator lacks it.
func (x *xProfiles) PbmUpdate(req *pbmtypes.PbmUpdate) soap.HasFault {
	p := x.find(req.ProfileId)
	if p == nil {
		return &pbmmethods.PbmUpdateBody{Fault_: fault(invalidArgument("profileId"))}
	}
	spec := req.UpdateSpec
	if spec.Name != "" && x.nameTaken(spec.Name, req.ProfileId) {
		return &pbmmethods.PbmUpdateBody{Fault_: fault(&pbmtypes.PbmDuplicateName{Name: spec.Name})}
	}
	if spec.Name != "" {
		p.Name = spec.Name
	}
	if spec.Description != "" {
		p.Description = spec.Description
	}
	if spec.Constraints != nil {
		p.Constraints = spec.Constraints
		p.GenerationId++
	}
	p.LastUpdatedTime = time.Now()
	return &pbmmethods.PbmUpdateBody{Res: &pbmtypes.PbmUpdateResponse{}}
}

// PbmDelete reports each policy that does not exist or that machines or disks have.
func (x *xProfiles) PbmDelete(req *pbmtypes.PbmDelete) soap.HasFault {
	res := &pbmtypes.PbmDeleteResponse{}
	for _, id := range req.ProfileId {
		out := pbmtypes.PbmProfileOperationOutcome{ProfileId: id}
		switch {
		case x.find(id) == nil:
			out.Fault = &types.LocalizedMethodFault{Fault: invalidArgument("profileId"), LocalizedMessage: message("InvalidArgument")}
		case len(x.entities(id.UniqueId, "")) > 0:
			out.Fault = &types.LocalizedMethodFault{Fault: &pbmtypes.PbmResourceInUse{Type: "PbmProfile", Name: x.find(id).Name}, LocalizedMessage: message("ResourceInUse")}
		default:
			x.ProfileManager.PbmDelete(&pbmtypes.PbmDelete{This: req.This, ProfileId: []pbmtypes.PbmProfileId{id}})
		}
		res.Returnval = append(res.Returnval, out)
	}
	return &pbmmethods.PbmDeleteBody{Res: res}
}

// associated lists the policies of an object, and whether there is such an object.
func (x *xProfiles) associated(o pbmtypes.PbmServerObjectRef) (ids []pbmtypes.PbmProfileId, found bool) {
	p := x.s.profiles
	if pbmtypes.PbmObjectType(o.ObjectType) == pbmtypes.PbmObjectTypeVirtualDiskUUID {
		found = x.s.fcdIDs()[o.Key]
		p.mu.Lock()
		defer p.mu.Unlock()
		if id := p.fcd[o.Key]; id != "" {
			ids = append(ids, pbmtypes.PbmProfileId{UniqueId: id})
		}
		return ids, found
	}
	name, key, _ := strings.Cut(o.Key, ":")
	vm := ref{Type: "VirtualMachine", Value: name}
	machine, ok := x.s.reg.Get(vm).(*simulator.VirtualMachine)
	if !ok {
		return nil, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	add := func(id string) {
		if id != "" {
			ids = append(ids, pbmtypes.PbmProfileId{UniqueId: id})
		}
	}
	switch pbmtypes.PbmObjectType(o.ObjectType) {
	case pbmtypes.PbmObjectTypeVirtualMachine:
		add(p.home[vm])
	case pbmtypes.PbmObjectTypeVirtualDiskId:
		n, err := strconv.Atoi(key)
		has := slices.ContainsFunc(machine.Config.Hardware.Device, func(d types.BaseVirtualDevice) bool {
			_, disk := d.(*types.VirtualDisk)
			return disk && d.GetVirtualDevice().Key == int32(n)
		})
		if err != nil || !has {
			return nil, false
		}
		add(p.disk[vm][int32(n)])
	case pbmtypes.PbmObjectTypeVirtualMachineAndDisks:
		add(p.home[vm])
		for _, id := range p.disk[vm] {
			add(id)
		}
	}
	return ids, true
}

func (x *xProfiles) PbmQueryAssociatedProfile(req *pbmtypes.PbmQueryAssociatedProfile) soap.HasFault {
	ids, _ := x.associated(req.Entity)
	return &pbmmethods.PbmQueryAssociatedProfileBody{Res: &pbmtypes.PbmQueryAssociatedProfileResponse{Returnval: ids}}
}

func (x *xProfiles) PbmQueryAssociatedProfiles(req *pbmtypes.PbmQueryAssociatedProfiles) soap.HasFault {
	res := &pbmtypes.PbmQueryAssociatedProfilesResponse{}
	for _, e := range req.Entities {
		r := pbmtypes.PbmQueryProfileResult{Object: e}
		ids, found := x.associated(e)
		if r.ProfileId = ids; !found {
			f := &types.ManagedObjectNotFound{Obj: ref{Type: "VirtualMachine", Value: strings.Split(e.Key, ":")[0]}}
			r.Fault = &types.LocalizedMethodFault{Fault: f, LocalizedMessage: message("ManagedObjectNotFound")}
		}
		res.Returnval = append(res.Returnval, r)
	}
	return &pbmmethods.PbmQueryAssociatedProfilesBody{Res: res}
}

// entities are the machines and disks that have a policy.
func (x *xProfiles) entities(id string, kind string) (list []pbmtypes.PbmServerObjectRef) {
	p, disks := x.s.profiles, x.s.fcdIDs()
	p.mu.Lock()
	defer p.mu.Unlock()
	if kind == "" || kind == string(pbmtypes.PbmObjectTypeVirtualMachine) {
		for vm, has := range p.home {
			if has == id {
				list = append(list, pbmtypes.PbmServerObjectRef{ObjectType: string(pbmtypes.PbmObjectTypeVirtualMachine), Key: vm.Value})
			}
		}
	}
	if kind == "" || kind == string(pbmtypes.PbmObjectTypeVirtualDiskId) {
		for vm, disks := range p.disk {
			for key, has := range disks {
				if has == id {
					list = append(list, pbmtypes.PbmServerObjectRef{ObjectType: string(pbmtypes.PbmObjectTypeVirtualDiskId), Key: vm.Value + ":" + strconv.Itoa(int(key))})
				}
			}
		}
	}
	if kind == "" || kind == string(pbmtypes.PbmObjectTypeVirtualDiskUUID) {
		for disk, has := range p.fcd {
			if has == id && disks[disk] {
				list = append(list, pbmtypes.PbmServerObjectRef{ObjectType: string(pbmtypes.PbmObjectTypeVirtualDiskUUID), Key: disk})
			}
		}
	}
	slices.SortFunc(list, func(a, b pbmtypes.PbmServerObjectRef) int { return strings.Compare(a.Key, b.Key) })
	return list
}

func (x *xProfiles) PbmQueryAssociatedEntity(req *pbmtypes.PbmQueryAssociatedEntity) soap.HasFault {
	return &pbmmethods.PbmQueryAssociatedEntityBody{Res: &pbmtypes.PbmQueryAssociatedEntityResponse{Returnval: x.entities(req.Profile.UniqueId, req.EntityType)}}
}

func (x *xProfiles) PbmQueryAssociatedEntities(req *pbmtypes.PbmQueryAssociatedEntities) soap.HasFault {
	res := &pbmtypes.PbmQueryAssociatedEntitiesResponse{}
	for _, id := range req.Profiles {
		for _, e := range x.entities(id.UniqueId, "") {
			res.Returnval = append(res.Returnval, pbmtypes.PbmQueryProfileResult{Object: e, ProfileId: []pbmtypes.PbmProfileId{id}})
		}
	}
	return &pbmmethods.PbmQueryAssociatedEntitiesBody{Res: res}
}

// xCompliance finds everything compliant that has a policy.
type xCompliance struct {
	ref
	profiles *xProfiles
}

func (x *xCompliance) PbmFetchComplianceResult(req *pbmtypes.PbmFetchComplianceResult) soap.HasFault {
	res := &pbmtypes.PbmFetchComplianceResultResponse{}
	for _, e := range req.Entities {
		r := pbmtypes.PbmComplianceResult{CheckTime: time.Now(), Entity: e, ComplianceStatus: string(pbmtypes.PbmComplianceStatusNotApplicable)}
		if ids, found := x.profiles.associated(e); found && len(ids) > 0 {
			r.Profile, r.ComplianceStatus = &ids[0], string(pbmtypes.PbmComplianceStatusCompliant)
		}
		res.Returnval = append(res.Returnval, r)
	}
	return &pbmmethods.PbmFetchComplianceResultBody{Res: res}
}
