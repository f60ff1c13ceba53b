package main

import (
	"fmt"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// answerTimeout is how long a task waits for the answer to a question (on vCenter about four minutes).
const answerTimeout = 30 * time.Second

// asks reports whether a change touches the CD-ROM drive of a guest that holds it.
func asks(vm *simulator.VirtualMachine, spec *types.VirtualMachineConfigSpec) bool {
	if option(vm, keyCdrom) == "" || vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
		return false
	}
	for _, c := range spec.DeviceChange {
		change := c.GetVirtualDeviceConfigSpec()
		if _, ok := change.Device.(*types.VirtualCdrom); ok && change.Operation != types.VirtualDeviceConfigSpecOperationAdd {
			return true
		}
	}
	return false
}

// question is what is asked: that about the locked drive, or another one.
func question(vm *simulator.VirtualMachine) *types.VirtualMachineQuestionInfo {
	id, text := "msg.cdromdisconnect.locked", "The guest operating system has locked the CD-ROM door and is probably using the CD-ROM, which can prevent the guest from recognizing media changes. Disconnect anyway and override the lock?"
	if kind := option(vm, keyCdrom); kind != "locked" {
		id, text = kind, "Something else is wrong with the drive. What is to be done?"
	}
	return &types.VirtualMachineQuestionInfo{
		Id: randomID()[:8], Text: text,
		Choice: types.ChoiceOption{ChoiceInfo: []types.BaseElementDescription{
			&types.ElementDescription{Description: types.Description{Label: "Yes"}, Key: "0"},
			&types.ElementDescription{Description: types.Description{Label: "No"}, Key: "1"},
		}, DefaultIndex: 1},
		Message: []types.VirtualMachineMessage{{Id: id, Text: text}},
	}
}

// askFirst runs a change after a question was answered. The machine is not locked while it waits.
func askFirst(ctx *simulator.Context, vm *simulator.VirtualMachine, spec types.VirtualMachineConfigSpec) ref {
	s := simOf(ctx)
	own := s.context()
	var t *simulator.Task
	t = simulator.CreateTask(ref{Type: "VirtualMachine", Value: "question-" + vm.Self.Value}, "reconfigVm", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		set := func(q *types.VirtualMachineQuestionInfo) {
			s.reg.WithLock(own, vm.Self, func() {
				vm.Runtime.Question, vm.Summary.Runtime.Question = q, q
			})
		}
		q := question(vm)
		s.answers.Delete(vm.Self)
		set(q)
		for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
			if answer, ok := s.answers.LoadAndDelete(vm.Self); ok {
				set(nil)
				if answer != "0" {
					return nil, &types.GenericVmConfigFault{Reason: "msg.disk.onlineConnectFail"}
				}
				break
			}
			if time.Since(began) > answerTimeout {
				set(nil)
				return nil, &types.GenericVmConfigFault{Reason: "msg.disk.onlineConnectFail"}
			}
		}
		var bad types.BaseMethodFault
		s.reg.WithLock(own, vm.Self, func() { bad = reconfigureVM(own, vm, spec) })
		return nil, bad
	})
	id := t.Run(own)
	entity := vm.Self
	t.Info.Entity, t.Info.EntityName = &entity, vm.Name
	return id
}

func (v *xVM) AnswerVM(ctx *simulator.Context, req *types.AnswerVM) soap.HasFault {
	q := v.Runtime.Question
	switch {
	case q == nil:
		return &methods.AnswerVMBody{Fault_: fault(&types.InvalidState{})}
	case q.Id != req.QuestionId:
		return &methods.AnswerVMBody{Fault_: fault(invalidArgument("questionId"))}
	}
	simOf(ctx).answers.Store(v.Self, fmt.Sprint(req.AnswerChoice))
	return &methods.AnswerVMBody{Res: &types.AnswerVMResponse{}}
}
