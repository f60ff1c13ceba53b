package main

// The pull mode of a lease: hosts read the files of an import from other servers.

import (
	"archive/tar"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// pulls ends the transfers of leases, by the ids of these.
var pulls sync.Map

// pullsSince is the version of vCenter that has the pull mode.
const pullsSince = "6.7"

// offerPull says what a new lease can do.
func offerPull(s *sim, lease *simulator.HttpNfcLease) {
	lease.Mode = string(types.HttpNfcLeaseModePushOrGet)
	lease.Capabilities.PullModeSupported = !s.noPull && versionAtLeast(s.version, pullsSince)
}

// xLease is a lease in pull mode.
type xLease struct {
	*simulator.HttpNfcLease
	s *sim
}

// HttpNfcLeasePullFromUrlsTask reads all files. There has to be one for each device of the lease.
func (l *xLease) HttpNfcLeasePullFromUrlsTask(ctx *simulator.Context, req *types.HttpNfcLeasePullFromUrls_Task) soap.HasFault {
	body := &methods.HttpNfcLeasePullFromUrls_TaskBody{}
	bad := func() types.BaseMethodFault {
		if !l.Capabilities.PullModeSupported {
			return &types.NotSupported{}
		}
		if l.Info == nil {
			return &types.InvalidState{}
		}
		if len(req.Files) != len(l.Info.DeviceUrl) {
			return invalidArgument("files")
		}
		for _, f := range req.Files {
			if l.target(f.TargetDeviceId) == "" {
				return invalidArgument("files.targetDeviceId")
			}
		}
		return nil
	}()
	if bad != nil {
		body.Fault_ = fault(bad)
		return body
	}
	l.Mode = string(types.HttpNfcLeaseModePull)
	id := simulator.CreateTask(l.HttpNfcLease, "pullFromUrls", func(t *simulator.Task) (types.AnyType, types.BaseMethodFault) {
		// The lease can be read, renewed and aborted meanwhile.
		release := ctx.Map.AcquireLock(ctx, l.Self)
		release()
		release()
		defer ctx.Map.AcquireLock(ctx, l.Self)
		stop, cancel := context.WithCancel(context.Background())
		defer cancel()
		pulls.Store(l.Self.Value, cancel)
		defer pulls.Delete(l.Self.Value)
		update := func(name string, value any) {
			ctx.Map.AtomicUpdate(&simulator.Context{Map: ctx.Map}, t, []types.PropertyChange{{Name: name, Val: value}})
		}
		if asked := l.s.tasks.cancellation(t.Self); asked != nil {
			update("info.cancelable", true)
			go func() {
				select {
				case <-asked:
					cancel()
				case <-stop.Done():
				}
			}()
		}
		for i, f := range req.Files {
			report := func(part float64) {
				update("info.progress", int32((float64(i)+part)*100/float64(len(req.Files))))
			}
			if bad := l.pull(stop, f, report); bad != nil {
				if stop.Err() != nil {
					bad = &types.RequestCanceled{}
				}
				return nil, bad
			}
		}
		return nil, nil
	}).Run(ctx)
	body.Res = &types.HttpNfcLeasePullFromUrls_TaskResponse{Returnval: id}
	return body
}

// target is the name of the file of a device in URLs of the lease.
func (l *xLease) target(device string) string {
	for _, u := range l.Info.DeviceUrl {
		if u.ImportKey == device {
			return u.TargetId
		}
	}
	return ""
}

// pull reads one file.
func (l *xLease) pull(ctx context.Context, f types.HttpNfcLeaseSourceFile, report func(float64)) types.BaseMethodFault {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.Url, nil)
	if err != nil || r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return invalidArgument("files.url")
	}
	for _, h := range f.HttpHeaders {
		r.Header.Set(h.Key, h.Value)
	}
	var foreign *types.SSLVerifyFault
	client := http.Client{
		// A redirect is answered like any other status that is not a success.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
			InsecureSkipVerify: true, // a host has no authorities: only the thumbprint counts
			VerifyConnection: func(c tls.ConnectionState) error {
				raw := c.PeerCertificates[0].Raw
				one, long := sha1.Sum(raw), sha256.Sum256(raw)
				given := strings.ToLower(strings.ReplaceAll(f.SslThumbprint, ":", ""))
				if given == hex.EncodeToString(one[:]) || given == hex.EncodeToString(long[:]) {
					return nil
				}
				foreign = &types.SSLVerifyFault{Thumbprint: strings.ReplaceAll(fmt.Sprintf("% X", one), " ", ":")}
				return errors.New("another certificate")
			},
		}},
	}
	answer, err := client.Do(r)
	switch {
	case foreign != nil:
		return foreign
	case err != nil:
		return &types.SystemError{Reason: err.Error()}
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return &types.HttpFault{StatusCode: int32(answer.StatusCode), StatusMessage: http.StatusText(answer.StatusCode)}
	}
	in, size := io.Reader(answer.Body), answer.ContentLength
	if f.MemberName != "" {
		archive := tar.NewReader(in)
		for {
			entry, err := archive.Next()
			if err != nil {
				if err == io.EOF {
					return &types.FileNotFound{FileFault: types.FileFault{File: f.MemberName}}
				}
				return &types.SystemError{Reason: err.Error()}
			}
			if entry.Name == f.MemberName {
				in, size = archive, entry.Size
				break
			}
		}
	}
	if f.MemberName == "" && f.Size > 0 && size >= 0 && size < f.Size {
		return &types.SystemError{Reason: fmt.Sprintf("%s has %d bytes, not %d", f.Url, size, f.Size)}
	}
	file, capacity := l.s.nfcTarget(path.Join("/nfc", l.Self.Value, l.target(f.TargetDeviceId)))
	if file == "" { // not a disk
		_, err := io.Copy(io.Discard, in)
		return systemError(err)
	}
	upload, err := os.CreateTemp(path.Dir(file), ".upload-*")
	if err != nil {
		return systemError(err)
	}
	defer os.Remove(upload.Name())
	defer upload.Close()
	meter := &meter{report: report, size: size}
	n, err := io.Copy(upload, io.TeeReader(in, meter))
	if err == nil && size >= 0 && n < size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return systemError(err)
	}
	return systemError(keepDisk(upload, file, capacity))
}

func systemError(err error) types.BaseMethodFault {
	if err == nil {
		return nil
	}
	return &types.SystemError{Reason: err.Error()}
}

// meter reports how much has been read, a few times a second.
type meter struct {
	report    func(float64)
	size, got int64
	last      time.Time
}

func (m *meter) Write(b []byte) (int, error) {
	m.got += int64(len(b))
	if m.size > 0 && time.Since(m.last) > 200*time.Millisecond {
		m.last = time.Now()
		m.report(float64(m.got) / float64(m.size))
	}
	return len(b), nil
}

// cancellation is closed when the cancellation of a running task is asked for, which is possible until it has ended.
func (st *taskStore) cancellation(task ref) <-chan struct{} {
	st.mu.Lock()
	defer st.mu.Unlock()
	r := st.running[task]
	if r == nil {
		return nil
	}
	r.begun = false
	return r.cancel
}
