package main

import (
	"testing"

	"github.com/vmware/govmomi/alarm"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

func TestAlarms(t *testing.T) {
	w := newWorld(t)
	m := alarm.NewManager(w.client.Client)
	dc, err := find.NewFinder(w.client.Client).Datacenter(w.ctx, "/DC0")
	w.ok(err)
	spec := func(name string) *types.AlarmSpec {
		return &types.AlarmSpec{Name: name, Expression: &types.OrAlarmExpression{Expression: []types.BaseAlarmExpression{
			&types.EventAlarmExpression{EventType: "EventEx", EventTypeId: "a.b", ObjectType: "HostSystem", Status: "red"},
		}}}
	}
	a, err := m.CreateAlarm(w.ctx, dc, spec("a"))
	w.ok(err)
	_, err = m.CreateAlarm(w.ctx, dc, spec("a"))
	fails[types.DuplicateName](w, err)
	_, err = m.CreateAlarm(w.ctx, dc, spec(""))
	fails[types.InvalidName](w, err)
	_, err = m.CreateAlarm(w.ctx, dc, &types.AlarmSpec{Name: "b", Expression: &types.OrAlarmExpression{}})
	fails[types.InvalidArgument](w, err)
	_, err = m.CreateAlarm(w.ctx, types.ManagedObjectReference{Type: "Datacenter", Value: "datacenter-99"}, spec("b"))
	fails[types.ManagedObjectNotFound](w, err)

	all, err := m.GetAlarm(w.ctx, dc)
	w.ok(err)
	equal(w, len(all), 1)
	root, err := m.GetAlarm(w.ctx, w.client.ServiceContent.RootFolder)
	w.ok(err)
	equal(w, len(root), 3)

	req := types.ReconfigureAlarm{This: *a, Spec: spec(root[0].Info.Name)}
	_, err = methods.ReconfigureAlarm(w.ctx, w.client.Client, &req)
	fails[types.DuplicateName](w, err)
	req.Spec = spec("b")
	_, err = methods.ReconfigureAlarm(w.ctx, w.client.Client, &req)
	w.ok(err)
	_, err = methods.RemoveAlarm(w.ctx, w.client.Client, &types.RemoveAlarm{This: *a})
	w.ok(err)
	all, err = m.GetAlarm(w.ctx, dc)
	w.ok(err)
	equal(w, len(all), 0)
}
