package main

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

var reRef = regexp.MustCompile(`type="(\w+)">([A-Za-z0-9_.:-]+)</`)

// fixRefs: the type of a reference may be a base type, ComputeResource for a cluster. vCenter resolves a managed object by its value and ignores the type of the reference; vcsim is strict.
func (s *sim) fixRefs(b []byte) []byte {
	reg := s.reg
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

var (
	reEmpty = regexp.MustCompile(`<(annotation|alternateGuestName|ovfEnvironmentTransport)(?:/>|></(?:annotation|alternateGuestName|ovfEnvironmentTransport)>)`)
	reZero  = regexp.MustCompile(`<(bootDelay|bootRetryDelay)>0</`)
)

// markEmpty keeps what is there and empty, or zero, apart from what is missing (explicitEmpty).
func markEmpty(b []byte) []byte {
	if !bytes.Contains(b, []byte("ReconfigVM_Task")) {
		return b
	}
	b = reEmpty.ReplaceAll(b, []byte("<$1>"+explicitEmpty+"</$1>"))
	return reZero.ReplaceAll(b, fmt.Appendf(nil, "<$1>%d</", explicitZero))
}

// fillHTTP puts right what is wrong on the wire.
func (s *sim) fillHTTP(next http.Handler) http.Handler {
	content := s.serveContent(next)
	s.supervisors.next = next
	fixed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/sdk") && r.Method == http.MethodPost:
			b, err := io.ReadAll(r.Body)
			if err != nil {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			b = bytes.ReplaceAll(b, []byte(`type="VmwareDistributedVirtualSwitch"`), []byte(`type="DistributedVirtualSwitch"`))
			b = bytes.ReplaceAll(b, []byte(`<type>VmwareDistributedVirtualSwitch<`), []byte(`<type>DistributedVirtualSwitch<`))
			b = s.fixRefs(b)
			b = markEmpty(b)
			r.Body = io.NopCloser(bytes.NewReader(b))
			r.ContentLength = int64(len(b))
			bw := &bufWriter{h: http.Header{}}
			next.ServeHTTP(bw, r)
			out := bytes.ReplaceAll(bw.b.Bytes(), []byte(`type="DistributedVirtualSwitch"`), []byte(`type="VmwareDistributedVirtualSwitch"`))
			out = fillMessages(out)
			bw.h.Set("Content-Type", "text/xml; charset=utf-8")
			bw.flush(w, out)
		case strings.HasPrefix(r.URL.Path, "/vsanHealth") && r.Method == http.MethodPost:
			serveVsan(next, w, r)
		case strings.HasPrefix(r.URL.Path, "/sts/") && r.Method == http.MethodPost:
			s.serveTokens(next, w, r)
		case strings.HasPrefix(r.URL.Path, "/sso-adminserver/") && r.Method == http.MethodPost:
			s.serveSSO(next, w, r)
		case isSupervisorCall(r):
			s.supervisors.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, globalPath):
			s.authz.serveGlobal(w, r)
		case strings.HasPrefix(r.URL.Path, legacyPath):
			s.authz.serveLegacyGlobal(w, r)
		case strings.HasPrefix(r.URL.Path, depotsPath), strings.HasPrefix(r.URL.Path, depotTasksPath):
			s.depots.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, computePoliciesPath), reCompliance.MatchString(r.URL.Path):
			s.computePolicies.ServeHTTP(w, r)
		case reProfile.MatchString(r.URL.Path):
			s.clusterProfiles.ServeHTTP(w, r)
		case reImage.MatchString(r.URL.Path):
			s.clusterImages.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/nfc/"):
			s.serveNFC(next, w, r)
		case strings.HasPrefix(r.URL.Path, "/folder/"): // Go's multiplexer redirects "//", uploads do not follow
			r.URL.Path = "/folder/" + strings.TrimLeft(strings.TrimPrefix(r.URL.Path, "/folder/"), "/")
			next.ServeHTTP(w, r)
		default:
			content.ServeHTTP(w, r)
		}
	})
	return recoverPanics((&soapIdle{}).guard(s, s.rest.guard(fixed)))
}

// recoverPanics answers a request that the simulator panics on; the connection would be cut otherwise.
func recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				log.Printf("%s %s: %v\n%s", r.Method, r.URL, p, debug.Stack())
				if strings.HasPrefix(r.URL.Path, "/sdk") {
					writeFault(w, "SystemError", fmt.Sprint(p), "<reason>panic</reason>")
					return
				}
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// writeFault answers with a SOAP fault, as vCenter does with status 500. detail is XML.
func writeFault(w http.ResponseWriter, kind, message, detail string) {
	var text bytes.Buffer
	_ = xml.EscapeText(&text, []byte(message))
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>%s</faultstring><detail><%sFault xmlns="urn:vim25" xsi:type="%s">%s</%sFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>`,
		text.String(), kind, kind, detail, kind)
}

// gzipResponses compresses for clients that ask for it.
func gzipResponses(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			next.ServeHTTP(w, r)
			return
		}
		bw := &bufWriter{h: http.Header{}}
		next.ServeHTTP(bw, r)
		if bw.b.Len() == 0 || bw.h.Get("Content-Encoding") != "" {
			bw.flush(w, bw.b.Bytes())
			return
		}
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		_, _ = z.Write(bw.b.Bytes())
		_ = z.Close()
		bw.h.Set("Content-Encoding", "gzip")
		bw.flush(w, out.Bytes())
	})
}

// bufWriter keeps an answer until it is complete.
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
