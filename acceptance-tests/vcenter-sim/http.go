package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

var reRef = regexp.MustCompile(`type="(\w+)">([A-Za-z0-9_.:-]+)</`)

// fixRefs: vCenter resolves a managed object by its value and ignores the type of the reference; vcsim is strict.
func fixRefs(m *simulator.Model, b []byte) []byte {
	reg := m.Service.Context.Map
	return reRef.ReplaceAllFunc(b, func(x []byte) []byte {
		p := reRef.FindSubmatch(x)
		t, v := string(p[1]), string(p[2])
		if reg.Get(types.ManagedObjectReference{Type: t, Value: v}) != nil {
			return x
		}
		for _, alt := range map[string][]string{
			"ComputeResource": {"ClusterComputeResource"}, "ResourcePool": {"VirtualApp"}, "Folder": {"StoragePod"},
			"Network": {"DistributedVirtualPortgroup", "OpaqueNetwork"}, "ManagedEntity": {"VirtualMachine", "Folder", "HostSystem"},
		}[t] {
			if reg.Get(types.ManagedObjectReference{Type: alt, Value: v}) != nil {
				return []byte(`type="` + alt + `">` + v + `</`)
			}
		}
		return x
	})
}

// gapFillHTTP wraps the server's handler.
func gapFillHTTP(m *simulator.Model, s *simulator.Server) {
	h := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/sdk" && r.Method == http.MethodPost:
			b, _ := io.ReadAll(r.Body)
			b = bytes.ReplaceAll(b, []byte(`type="VmwareDistributedVirtualSwitch"`), []byte(`type="DistributedVirtualSwitch"`))
			b = bytes.ReplaceAll(b, []byte(`<type>VmwareDistributedVirtualSwitch<`), []byte(`<type>DistributedVirtualSwitch<`))
			b = fixRefs(m, b)
			r.Body = io.NopCloser(bytes.NewReader(b))
			r.ContentLength = int64(len(b))
			bw := &bufWriter{h: http.Header{}}
			h.ServeHTTP(bw, r)
			out := bytes.ReplaceAll(bw.b.Bytes(), []byte(`type="DistributedVirtualSwitch"`), []byte(`type="VmwareDistributedVirtualSwitch"`))
			bw.flush(w, out)
		case strings.HasPrefix(r.URL.Path, "/api/vcenter/namespaces/instances/v2"): // vcsim takes "v2" for a namespace name
			r.URL.Path = "/api/vcenter/namespaces/instances" + strings.TrimPrefix(r.URL.Path, "/api/vcenter/namespaces/instances/v2")
			h.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/folder/"):
			r.URL.Path = "/folder/" + strings.TrimLeft(strings.TrimPrefix(r.URL.Path, "/folder/"), "/")
			h.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/rest/com/vmware/cis/tagging/category"):
			if r.Method == http.MethodPatch { // vcsim wants the existing types first and in order; vCenter does not
				b, _ := io.ReadAll(r.Body)
				g := &bufWriter{h: http.Header{}}
				gr := r.Clone(r.Context())
				gr.Method, gr.Body = http.MethodGet, http.NoBody
				h.ServeHTTP(g, gr)
				var cur struct {
					Value struct {
						T []string `json:"associable_types"`
					} `json:"value"`
				}
				var req map[string]map[string]any
				if json.Unmarshal(g.b.Bytes(), &cur) == nil && json.Unmarshal(b, &req) == nil && req["update_spec"]["associable_types"] != nil {
					list := append([]string{}, cur.Value.T...)
					for _, t := range req["update_spec"]["associable_types"].([]any) {
						f := false
						for _, x := range list {
							f = f || x == t.(string)
						}
						if !f {
							list = append(list, t.(string))
						}
					}
					req["update_spec"]["associable_types"] = list
					b, _ = json.Marshal(req)
				}
				r.Body = io.NopCloser(bytes.NewReader(b))
				r.ContentLength = int64(len(b))
			}
			bw := &bufWriter{h: http.Header{}}
			h.ServeHTTP(bw, r)
			out := bytes.ReplaceAll(bw.b.Bytes(), []byte("urn:vim25:"), nil)
			bw.flush(w, out)
		default:
			h.ServeHTTP(w, r)
		}
	})
	// vSAN registry: swap objects via the exported registry of the endpoint.
	_ = json.Marshal
	_ = time.Now
}

type bufWriter struct {
	h    http.Header
	code int
	b    bytes.Buffer
}

func (w *bufWriter) Header() http.Header { return w.h }

func (w *bufWriter) WriteHeader(c int) { w.code = c }

func (w *bufWriter) Write(b []byte) (int, error) {
	return w.b.Write(b)
}

func (w *bufWriter) flush(d http.ResponseWriter, out []byte) {
	for k, v := range w.h {
		if k != "Content-Length" {
			d.Header()[k] = v
		}
	}
	if w.code != 0 {
		d.WriteHeader(w.code)
	}
	d.Write(out)
}
