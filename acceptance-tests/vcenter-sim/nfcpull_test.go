package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha1"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vmware/govmomi/nfc"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// pullLease imports a machine with a disk, and pulls a file for it.
func (w *world) pull(file types.HttpNfcLeaseSourceFile) (*nfc.Lease, *nfc.LeaseInfo, *object.Task, error) {
	lease, err := w.pool().ImportVApp(w.ctx, &types.VirtualMachineImportSpec{ConfigSpec: vmSpec("pulled")}, w.folder("vm"), nil)
	w.ok(err)
	info, err := lease.Wait(w.ctx, nil)
	w.ok(err)
	for _, d := range info.DeviceUrl {
		file.TargetDeviceId = d.ImportKey
	}
	made, err := methods.HttpNfcLeasePullFromUrls_Task(w.ctx, w.client, &types.HttpNfcLeasePullFromUrls_Task{
		This: lease.Reference(), Files: []types.HttpNfcLeaseSourceFile{file},
	})
	if err != nil {
		return lease, info, nil, err
	}
	return lease, info, object.NewTask(w.client.Client, made.Returnval), nil
}

func TestPull(t *testing.T) {
	content := strings.Repeat("disk", 1000)
	var archive bytes.Buffer
	out := tar.NewWriter(&archive)
	_ = out.WriteHeader(&tar.Header{Name: "a b.vmdk", Size: int64(len(content)), Mode: 0o600})
	_, _ = out.Write([]byte(content))
	_ = out.Close()
	release := make(chan struct{})
	server := httptest.NewTLSServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/a.ova":
			_, _ = answer.Write(archive.Bytes())
		case "/secret.vmdk":
			if user, password, _ := r.BasicAuth(); user != "me" || password != "hunter2" {
				answer.WriteHeader(http.StatusUnauthorized)
				return
			}
			_, _ = answer.Write([]byte(content))
		case "/slow.vmdk":
			answer.Header().Set("Content-Length", "1000")
			_, _ = answer.Write(make([]byte, 500))
			answer.(http.Flusher).Flush()
			<-release
		case "/elsewhere.vmdk":
			http.Redirect(answer, r, "/secret.vmdk", http.StatusFound)
		default:
			answer.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	defer close(release)
	thumbprint := fmt.Sprintf("% X", sha1.Sum(server.Certificate().Raw))
	thumbprint = strings.ReplaceAll(thumbprint, " ", ":")
	file := func(path string) types.HttpNfcLeaseSourceFile {
		return types.HttpNfcLeaseSourceFile{Url: server.URL + path, SslThumbprint: thumbprint}
	}
	w := newWorld(t)
	basic := types.KeyValue{Key: "Authorization", Value: "Basic bWU6aHVudGVyMg=="}
	member, secret := file("/a.ova"), file("/secret.vmdk")
	member.MemberName, secret.HttpHeaders = "a b.vmdk", []types.KeyValue{basic}
	for _, f := range []types.HttpNfcLeaseSourceFile{member, secret} {
		lease, info, task, err := w.pull(f)
		w.ok(err)
		w.ok(task.Wait(w.ctx))
		var m mo.HttpNfcLease
		w.ok(w.client.RetrieveOne(w.ctx, lease.Reference(), []string{"mode", "capabilities"}, &m))
		equal(w, []any{m.Mode, m.Capabilities.PullModeSupported}, []any{"pull", true})
		w.ok(lease.Complete(w.ctx))
		name := w.disks(info.Entity)[0].Backing.(*types.VirtualDiskFlatVer2BackingInfo).FileName
		dc := w.sim.reg.Get(w.dc()).(*simulator.Datacenter)
		local := localPath(w.sim.model.Service.Context, dc, name)
		kept, err := os.ReadFile(simulator.VirtualDiskBackingFileName(local))
		w.ok(err)
		equal(w, string(kept), content)
		w.ok(w.wait(object.NewVirtualMachine(w.client.Client, info.Entity).Destroy(w.ctx)))
	}

	absent, foreign, plain := member, secret, file("/secret.vmdk")
	absent.MemberName, foreign.SslThumbprint = "b.vmdk", ""
	refused := func(f types.HttpNfcLeaseSourceFile) error {
		lease, info, task, err := w.pull(f)
		if err == nil {
			err = task.Wait(w.ctx)
		}
		w.ok(lease.Abort(w.ctx, nil))
		w.deleted(object.NewVirtualMachine(w.client.Client, info.Entity))
		return err
	}
	fails[types.FileNotFound](w, refused(absent))
	equal(w, fails[types.SSLVerifyFault](w, refused(foreign)).Thumbprint, thumbprint)
	equal(w, fails[types.HttpFault](w, refused(plain)).StatusCode, int32(401))
	equal(w, fails[types.HttpFault](w, refused(file("/elsewhere.vmdk"))).StatusCode, int32(302))
	fails[types.InvalidArgument](w, refused(types.HttpNfcLeaseSourceFile{Url: "ftp://h/x"}))

	// A transfer ends when it is cancelled, and when its lease is aborted.
	for _, cancel := range []bool{true, false} {
		lease, _, task, err := w.pull(file("/slow.vmdk"))
		w.ok(err)
		for w.taskInfo(task.Reference()).Progress == 0 {
			time.Sleep(20 * time.Millisecond)
		}
		w.ok(lease.Progress(w.ctx, 10))
		if cancel {
			w.ok(task.Cancel(w.ctx))
		} else {
			w.ok(lease.Abort(w.ctx, nil))
		}
		fails[types.RequestCanceled](w, task.Wait(w.ctx))
		if cancel {
			w.ok(lease.Abort(w.ctx, nil))
		}
	}
	for _, change := range []func(*config){func(c *config) { c.noPull = true }, func(c *config) { c.version = "6.5" }} {
		w := newWorld(t, change)
		_, _, _, err := w.pull(member)
		fails[types.NotSupported](w, err)
	}
}
