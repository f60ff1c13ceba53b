package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// xAlarms is AlarmManager as vCenter has it. The simulator's own lists all alarms for the root folder and none for other
// entities, does not look for the entity, and accepts alarms without a name or a condition.
type xAlarms struct{ *simulator.AlarmManager }

// xAlarm is an alarm whose changes are checked.
type xAlarm struct{ *simulator.Alarm }

func (m *xAlarms) GetAlarm(ctx *simulator.Context, req *types.GetAlarm) soap.HasFault {
	body := &methods.GetAlarmBody{}
	if req.Entity == nil {
		return m.AlarmManager.GetAlarm(ctx, req)
	}
	if ctx.Map.Get(*req.Entity) == nil {
		body.Fault_ = fault(&types.ManagedObjectNotFound{Obj: *req.Entity})
		return body
	}
	body.Res = &types.GetAlarmResponse{}
	for _, o := range ctx.Map.AllReference("Alarm") {
		if a, ok := o.(*simulator.Alarm); ok && a.Info.Entity == *req.Entity {
			body.Res.Returnval = append(body.Res.Returnval, a.Self)
		}
	}
	return body
}

func (m *xAlarms) CreateAlarm(ctx *simulator.Context, req *types.CreateAlarm) soap.HasFault {
	body := &methods.CreateAlarmBody{}
	if ctx.Map.Get(req.Entity) == nil {
		body.Fault_ = fault(&types.ManagedObjectNotFound{Obj: req.Entity})
		return body
	}
	if bad := checkAlarm(ctx, req.Spec.GetAlarmSpec(), nil); bad != nil {
		body.Fault_ = fault(bad)
		return body
	}
	return m.AlarmManager.CreateAlarm(ctx, req)
}

func (a *xAlarm) ReconfigureAlarm(ctx *simulator.Context, req *types.ReconfigureAlarm) soap.HasFault {
	if bad := checkAlarm(ctx, req.Spec.GetAlarmSpec(), &a.Self); bad != nil {
		return &methods.ReconfigureAlarmBody{Fault_: fault(bad)}
	}
	return a.Alarm.ReconfigureAlarm(ctx, req)
}

// checkAlarm: a name is that of one alarm in a vCenter, and an alarm has a condition.
func checkAlarm(ctx *simulator.Context, spec *types.AlarmSpec, self *ref) types.BaseMethodFault {
	if spec.Name == "" {
		return &types.InvalidName{Name: spec.Name}
	}
	for _, o := range ctx.Map.AllReference("Alarm") {
		if a, ok := o.(*simulator.Alarm); ok && a.Info.Name == spec.Name && (self == nil || a.Self != *self) {
			return &types.DuplicateName{Name: spec.Name, Object: a.Self}
		}
	}
	var parts []types.BaseAlarmExpression
	switch e := spec.Expression.(type) {
	case *types.OrAlarmExpression:
		parts = e.Expression
	case *types.AndAlarmExpression:
		parts = e.Expression
	case nil:
	default:
		parts = append(parts, e)
	}
	if len(parts) == 0 {
		return &types.InvalidArgument{InvalidProperty: "spec.expression"}
	}
	if group, ok := spec.Action.(*types.GroupAlarmAction); ok && len(group.Action) == 0 {
		return &types.InvalidArgument{InvalidProperty: "spec.action"}
	}
	return nil
}
