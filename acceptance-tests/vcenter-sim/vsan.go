package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	vsanmethods "github.com/vmware/govmomi/vsan/methods"
	vsansim "github.com/vmware/govmomi/vsan/simulator"
	vsantypes "github.com/vmware/govmomi/vsan/types"
)

// vSAN
type xStretched struct {
	*vsansim.StretchedClusterSystem
}

func (s *xStretched) VSANVcGetWitnessHosts(ctx *simulator.Context, req *vsantypes.VSANVcGetWitnessHosts) soap.HasFault {
	return &vsanmethods.VSANVcGetWitnessHostsBody{Res: &vsantypes.VSANVcGetWitnessHostsResponse{}}
}

type xVsanCfg struct{ *vsansim.ClusterConfigSystem }

func (s *xVsanCfg) VsanClusterReconfig(ctx *simulator.Context, req *vsantypes.VsanClusterReconfig) soap.HasFault {
	r := s.ClusterConfigSystem.VsanClusterReconfig(ctx, req)
	info := s.Config[req.Cluster]
	if info == nil {
		s.ClusterConfigSystem.VsanClusterGetConfig(ctx, &vsantypes.VsanClusterGetConfig{Cluster: req.Cluster})
		info = s.Config[req.Cluster]
	}
	sp := req.VsanReconfigSpec
	if sp.VsanClusterConfig != nil {
		c := sp.VsanClusterConfig.GetVsanClusterConfigInfo()
		if c.Enabled != nil {
			info.Enabled = c.Enabled
		}
		if c.VsanEsaEnabled != nil {
			info.VsanEsaEnabled = c.VsanEsaEnabled
		}
	}
	if sp.DataEfficiencyConfig != nil {
		info.DataEfficiencyConfig = sp.DataEfficiencyConfig
	}
	if sp.PerfsvcConfig != nil {
		info.PerfsvcConfig = sp.PerfsvcConfig
	}
	if sp.UnmapConfig != nil {
		info.UnmapConfig = sp.UnmapConfig
	}
	if sp.DataInTransitEncryptionConfig != nil {
		info.DataInTransitEncryptionConfig = sp.DataInTransitEncryptionConfig
	}
	if sp.DatastoreConfig != nil {
		info.DatastoreConfig = sp.DatastoreConfig
	}
	return r
}

// registerVsan puts the wrappers in the simulator's vSAN endpoint: objects of a registry with a known path are merged.
func registerVsan(s *simulator.Service) {
	x := simulator.NewRegistry()
	x.Namespace = "vsan"
	x.Path = "/vsanHealth"
	x.Put(&xStretched{&vsansim.StretchedClusterSystem{ManagedObjectReference: types.ManagedObjectReference{Type: "VimClusterVsanVcStretchedClusterSystem", Value: "vsan-stretched-cluster-system"}}})
	x.Put(&xVsanCfg{&vsansim.ClusterConfigSystem{ManagedObjectReference: types.ManagedObjectReference{Type: "VsanVcClusterConfigSystem", Value: "vsan-cluster-config-system"}}})
	s.RegisterSDK(x)
}
