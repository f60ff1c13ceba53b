package main

import (
	"errors"
	"testing"
	"time"

	tasklib "github.com/vmware/govmomi/task"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func slowTasks(cancelable string) func(*config) {
	return func(c *config) {
		c.taskTime, c.cancelable, c.activation = 500*time.Millisecond, cancelable, true
	}
}

func (w *world) taskInfo(r ref) types.TaskInfo {
	var t mo.Task
	w.ok(w.client.RetrieveOne(w.ctx, r, []string{"info"}, &t))
	return t.Info
}

// A task takes its time; meanwhile its object can be read, has it among its recent tasks, and takes no other.
func TestSlowTask(t *testing.T) {
	w := newWorld(t, slowTasks("some"))
	vm, err := w.finder.VirtualMachine(w.ctx, "DC0_H0_VM0")
	w.ok(err)
	began := time.Now()
	running, err := vm.CreateSnapshot(w.ctx, "one", "", false, false)
	w.ok(err)
	time.Sleep(250 * time.Millisecond)
	info := w.taskInfo(running.Reference())
	if info.State != types.TaskInfoStateRunning || info.Progress < 10 || !info.Cancelable || info.Name != "CreateSnapshot_Task" {
		t.Errorf("a running task: %+v", info)
	}
	if user := info.Reason.(*types.TaskReasonUser).UserName; user != "user" {
		t.Errorf("its user: %q", user)
	}
	if _, err = vm.CreateSnapshot(w.ctx, "two", "", false, false); err == nil || !soap.IsSoapFault(err) {
		t.Errorf("a second one: %v", err)
	}
	var seen mo.VirtualMachine
	w.ok(w.client.RetrieveOne(w.ctx, vm.Reference(), []string{"recentTask", "snapshot"}, &seen))
	if len(seen.RecentTask) == 0 || seen.RecentTask[len(seen.RecentTask)-1] != running.Reference() || seen.Snapshot != nil {
		t.Errorf("the machine meanwhile: %+v", seen)
	}
	w.ok(running.Wait(w.ctx))
	if took := time.Since(began); took < 450*time.Millisecond {
		t.Errorf("it took %s", took)
	}
}

// A cancelled task does nothing; which can be cancelled is what it says.
func TestCancelTask(t *testing.T) {
	for _, cancelable := range []string{"some", "none"} {
		w := newWorld(t, slowTasks(cancelable))
		vm, err := w.finder.VirtualMachine(w.ctx, "DC0_H0_VM0")
		w.ok(err)
		folder, err := w.finder.DefaultFolder(w.ctx)
		w.ok(err)
		running, err := vm.Clone(w.ctx, folder, "copy", types.VirtualMachineCloneSpec{})
		w.ok(err)
		_, refused := methods.CancelTask(w.ctx, w.client, &types.CancelTask{This: running.Reference()})
		ended := running.Wait(w.ctx)
		_, missing := w.finder.VirtualMachine(w.ctx, "copy")
		if cancelable == "none" {
			if refused == nil || ended != nil || missing != nil || w.taskInfo(running.Reference()).Cancelable {
				t.Errorf("one that cannot be cancelled: %v, %v, %v", refused, ended, missing)
			}
			continue
		}
		var bad tasklib.Error
		if refused != nil || !errors.As(ended, &bad) || missing == nil {
			t.Errorf("cancelled: %v, %v, %v", refused, ended, missing)
		} else if _, ok := bad.Fault().(*types.RequestCanceled); !ok {
			t.Errorf("it ended in %T", bad.Fault())
		}
		info := w.taskInfo(running.Reference())
		if !info.Cancelled || info.State != types.TaskInfoStateError {
			t.Errorf("what it says: %+v", info)
		}
		if _, again := methods.CancelTask(w.ctx, w.client, &types.CancelTask{This: running.Reference()}); again == nil {
			t.Error("one that has ended was cancelled")
		}
	}
}
