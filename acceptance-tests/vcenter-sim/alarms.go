package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// AlarmManager.GetAlarm(entity != root)
type xAlarms struct{ *simulator.AlarmManager }

func (m *xAlarms) GetAlarm(ctx *simulator.Context, req *types.GetAlarm) soap.HasFault {
	if req.Entity == nil {
		return m.AlarmManager.GetAlarm(ctx, req)
	}
	res := &types.GetAlarmResponse{}
	for _, o := range ctx.Map.AllReference("Alarm") {
		if a, ok := o.(*simulator.Alarm); ok && a.Info.Entity == *req.Entity {
			res.Returnval = append(res.Returnval, a.Self)
		}
	}
	return &methods.GetAlarmBody{Res: res}
}
