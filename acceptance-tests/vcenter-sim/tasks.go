package main

// Tasks that take their time, as those of a vCenter do: with progress, one at a time for a virtual machine, and with a
// cancellation that ends the work. The simulator's own end at once, and one that is cancelled goes on all the same.

import (
	"reflect"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// taskStore knows the tasks that calls have made.
type taskStore struct {
	mu      sync.Mutex
	methods map[*simulator.Context]string // calls whose task has not been made yet
	outer   map[*simulator.Context]ref    // their first tasks, until these have ended
	running map[ref]*running
}

// running is a task that a call has made and that has not ended.
type running struct {
	method string
	entity ref
	cancel chan struct{}
	begun  bool // the work itself: from here on it cannot be cancelled
}

func newTaskStore() *taskStore {
	return &taskStore{methods: map[*simulator.Context]string{}, outer: map[*simulator.Context]ref{}, running: map[ref]*running{}}
}

// cancelable are the methods whose tasks vCenter lets a user cancel: those that copy, by and large. Which exactly is a
// guess; -cancelable says otherwise.
var cancelable = map[string]bool{
	"CloneVM_Task": true, "CloneVApp_Task": true, "RelocateVM_Task": true, "CreateSnapshot_Task": true,
	"CreateSnapshotEx_Task": true, "CreateVirtualDisk_Task": true, "CopyVirtualDisk_Task": true,
	"HttpNfcLeasePullFromUrls_Task": true, "ExtendVirtualDisk_Task": true, "InflateVirtualDisk_Task": true, "MoveDatastoreFile_Task": true,
}

// atOnce are the methods whose tasks only look at something.
var atOnce = map[string]bool{"SearchDatastore_Task": true, "SearchDatastoreSubFolders_Task": true}

// exclusive are the methods that a virtual machine has one task of at a time.
var exclusive = map[string]bool{
	"ReconfigVM_Task": true, "RelocateVM_Task": true, "Destroy_Task": true, "CreateSnapshot_Task": true,
	"CreateSnapshotEx_Task": true, "RemoveAllSnapshots_Task": true, "PowerOnVM_Task": true, "PowerOffVM_Task": true,
	"UpgradeVM_Task": true, "PromoteDisks_Task": true, "Rename_Task": true, "AttachDisk_Task": true, "DetachDisk_Task": true,
}

func (s *sim) isCancelable(method string) bool {
	switch s.cancelable {
	case "all":
		return true
	case "none":
		return false
	}
	return cancelable[method]
}

// called notes a call that is going to make a task; a fault when another one is under way.
func (s *sim) called(ctx *simulator.Context, method *simulator.Method) types.BaseMethodFault {
	if !strings.HasSuffix(method.Name, "_Task") {
		return nil
	}
	t := s.tasks
	t.mu.Lock()
	defer t.mu.Unlock()
	if exclusive[method.Name] && method.This.Type == "VirtualMachine" {
		for task, r := range t.running {
			if r.entity == method.This && exclusive[r.method] {
				return &types.TaskInProgress{Task: task}
			}
		}
	}
	t.methods[ctx] = method.Name
	return nil
}

// settleTask gives a new task what vCenter's have, before it runs. Only the first task of a call is one that a client
// hears of; the others are the simulator's way to do the work.
func (s *sim) settleTask(t *simulator.Task) {
	// The simulator keeps the context of the call to itself.
	ctx := *(**simulator.Context)(unsafe.Pointer(reflect.ValueOf(t).Elem().FieldByName("ctx").UnsafeAddr()))
	if ctx == nil {
		return
	}
	if ctx.Session != nil {
		t.Info.Reason = &types.TaskReasonUser{UserName: ctx.Session.UserName}
	}
	st := s.tasks
	st.mu.Lock()
	method, first := st.methods[ctx]
	delete(st.methods, ctx)
	if !first || t.Info.Entity == nil {
		if outer, ok := st.outer[ctx]; ok {
			t.Info.ParentTaskKey, t.Info.RootTaskKey = outer.Value, outer.Value
		}
		st.mu.Unlock()
		return
	}
	st.outer[ctx] = t.Self
	t.Info.Name = method
	r := &running{method: method, entity: *t.Info.Entity, cancel: make(chan struct{})}
	st.running[t.Self] = r
	st.mu.Unlock()
	slow := s.taskTime > 0 && !atOnce[method]
	t.Info.Cancelable = slow && s.isCancelable(method)
	if s.activation && ctx.Header.ID != "" {
		t.Info.ActivationId = ctx.Header.ID
	}
	entity := *t.Info.Entity
	work := t.Execute
	t.Execute = func(t *simulator.Task) (types.AnyType, types.BaseMethodFault) {
		defer func() {
			st.mu.Lock()
			delete(st.running, t.Self)
			delete(st.outer, ctx)
			st.mu.Unlock()
		}()
		if slow && !s.pass(ctx, t, r, entity) {
			return nil, &types.RequestCanceled{}
		}
		return work(t)
	}
}

// pass lets the time of a task pass; false when it was cancelled. The simulator holds the lock of the entity while a
// task runs, which would keep everyone from reading it.
func (s *sim) pass(ctx *simulator.Context, t *simulator.Task, r *running, entity ref) bool {
	if _, own := ctx.Map.Get(entity).(sync.Locker); !own {
		release := ctx.Map.AcquireLock(ctx, entity)
		release()
		release()
		defer ctx.Map.AcquireLock(ctx, entity)
	}
	const steps = 5
	for i := range steps {
		select {
		case <-r.cancel:
			return false
		case <-time.After(s.taskTime / steps):
		}
		own := &simulator.Context{Map: ctx.Map}
		ctx.Map.AtomicUpdate(own, t, []types.PropertyChange{{Name: "info.progress", Val: int32((i + 1) * 100 / (steps + 1))}})
	}
	s.tasks.mu.Lock()
	defer s.tasks.mu.Unlock()
	select {
	case <-r.cancel:
		return false
	default:
	}
	r.begun = true
	return true
}

// xTask is a task whose cancellation ends the work.
type xTask struct {
	*simulator.Task
	s *sim
}

func (t *xTask) CancelTask(ctx *simulator.Context, req *types.CancelTask) soap.HasFault {
	body := &methods.CancelTaskBody{}
	st := t.s.tasks
	st.mu.Lock()
	defer st.mu.Unlock()
	r := st.running[req.This]
	switch {
	case r == nil || r.begun:
		body.Fault_ = fault(&types.InvalidState{})
	case !t.s.isCancelable(r.method):
		body.Fault_ = fault(&types.NotSupported{})
	default:
		select {
		case <-r.cancel:
		default:
			close(r.cancel)
			ctx.Map.AtomicUpdate(ctx, ctx.Map.Get(req.This), []types.PropertyChange{{Name: "info.cancelled", Val: true}})
		}
		body.Res = &types.CancelTaskResponse{}
	}
	return body
}
