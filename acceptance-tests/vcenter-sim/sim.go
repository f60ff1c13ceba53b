package main

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/google/uuid"
	pbmsim "github.com/vmware/govmomi/pbm/simulator"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// config is everything the command line decides.
type config struct {
	listen         string
	version        string
	user           string // accept only this user ...
	password       string // ... with this password
	directory      string // JSON file with users and groups
	callLog        string
	load           string // dump of a vCenter to take the inventory from
	dialect        string // both, rest, api or early; "": by version
	restLost       string // status of a REST call without a session
	tagging        string // what one missing object does to a call about many: refuse or skip
	gaps           bool
	anyUser        bool // accept principals that no directory names
	enforce        bool
	gzip           bool
	sessionIdle    time.Duration
	taskTime       time.Duration // how long a task takes
	cancelable     string        // which tasks can be cancelled: some, all or none
	activation     bool          // tasks name the operation id of their call
	supervisorMode string        // what becomes of Supervisors and namespaces
	settle         time.Duration // how long a machine that was made or changed cannot be turned on
	noPull         bool          // hosts cannot pull the files of an import

	reportChild      bool   // permissions of complex entities are reported on a child
	globalPermission string // a group with a global permission
	bareNames        bool   // searches of the directory answer names without their domain
}

// sim is one simulated vCenter. Its maps hold what the simulator's own objects have no room for.
type sim struct {
	config
	model           *simulator.Model
	reg             *simulator.Registry
	server          *simulator.Server
	dir             *directory
	authz           *authz
	tags            *tagStore
	depots          *depotStore
	computePolicies *computePolicies
	clusterProfiles *profiles
	clusterImages   *images
	supervisors     *supervisors
	rest            *restSessions
	sso             *ssoSessions
	admin           *admin

	internal types.Login // the simulator's REST handlers call its SOAP side as this user

	mu          sync.Mutex // completion of properties: one at a time
	hostDone    map[types.ManagedObjectReference]bool
	hostDisks   map[types.ManagedObjectReference][]*scsiDisk // what each host has found
	sharedDisks map[types.ManagedObjectReference][]*scsiDisk // of the storage array of each datacenter
	podRules    map[types.ManagedObjectReference][]types.BaseClusterRuleInfo
	ipPools     ipPools
	custDeleted sync.Map // customization specifications
	diskCap     sync.Map // "[ds] path" -> kb
	diskType    sync.Map // "[ds] path" -> the type that it was made with, such as "eagerZeroedThick"
	diskUUID    sync.Map // "[ds] path" -> UUID
	guests      sync.Map // machine -> *guest
	changed     sync.Map // machine -> when it was made or changed
	answers     sync.Map // machine -> what AnswerVM said
	rooms       sync.Map // machine -> how often it was not powered on for lack of room
	diskUse     diskUse
	fcd         fcdLock
	imports     sync.Map // name of a machine that is being imported -> what is left to be done then
	profiles    *profileStore
	pbm         *pbmsim.ProfileManager
	nextMAC     uint32
	pcMu        sync.Mutex // property collectors and their lists of filters
	collectors  sync.Map   // *simulator.PropertyCollector -> *collectorState
	recSpec     sync.Map   // placement recommendations by key
	tasks       *taskStore
	nextField   int32 // key of the next custom field
}

// sims finds the vCenter that a registry belongs to: methods of the simulator are only handed a context.
var sims sync.Map

func simOf(ctx *simulator.Context) *sim { return simOfRegistry(ctx.Map) }

func simOfRegistry(r *simulator.Registry) *sim {
	s, ok := sims.Load(r)
	if !ok {
		return nil
	}
	return s.(*sim)
}

// start creates the inventory of the model and serves it.
func start(cfg config, model *simulator.Model) (*sim, error) {
	about := &model.ServiceContent.About
	about.Version, about.ApiVersion = cfg.version, cfg.version+".0"
	about.FullName = about.Name + " " + cfg.version + " build-" + about.Build
	if cfg.load != "" {
		if err := load(model, cfg.load); err != nil {
			return nil, err
		}
	} else if err := model.Create(); err != nil {
		return nil, err
	}
	s := &sim{
		config:      cfg,
		model:       model,
		reg:         model.Service.Context.Map,
		hostDone:    map[types.ManagedObjectReference]bool{},
		hostDisks:   map[types.ManagedObjectReference][]*scsiDisk{},
		sharedDisks: map[types.ManagedObjectReference][]*scsiDisk{},
		podRules:    map[types.ManagedObjectReference][]types.BaseClusterRuleInfo{},
		ipPools:     ipPools{of: map[ref][]types.IpPool{}},
		nextField:   101,
		tasks:       newTaskStore(),
		profiles:    newProfileStore(),
	}
	s.internal = types.Login{UserName: "vcenter-sim-internal", Password: randomID()}

	if s.dialect == "" {
		s.dialect = dialectOf(cfg.version)
	}

	service := model.Service
	service.Listen = &url.URL{Host: cfg.listen, User: url.UserPassword(s.internal.UserName, s.internal.Password)}
	service.TLS = new(tls.Config)
	service.RegisterEndpoints = true
	service.ServeMux = http.NewServeMux()

	dir, err := newDirectory(cfg)
	if err != nil {
		return nil, err
	}
	s.dir = dir
	s.tags = newTagStore(s)
	s.depots = newDepots(s)
	s.computePolicies = newComputePolicies(s)
	s.clusterProfiles = &profiles{s.depots, map[string]*profile{}}
	s.clusterImages = &images{s.depots, map[string]*clusterImage{}}
	s.supervisors = newSupervisors(s)
	s.rest = newRESTSessions(s)
	s.sso = newSSOSessions()
	s.admin = newAdmin(s)
	if cfg.gaps {
		s.authz = newAuthz(s)
		s.reg.Get(*model.ServiceContent.UserDirectory).(*simulator.UserDirectory).DomainList = dir.domains()
		s.fillGaps()
		distinctSwitches(s.reg)
		sims.Store(s.reg, s)
	}
	s.server = service.NewServer()
	if cfg.gaps {
		s.fillPbm()
		s.fillEvc()
	}
	// Two vCenters never share this id; one on the same address keeps it.
	content := &s.reg.Get(ref{Type: "ServiceInstance", Value: "ServiceInstance"}).(*simulator.ServiceInstance).Content
	content.About.InstanceUuid = uuid.NewSHA1(uuid.NameSpaceURL, []byte(s.server.URL.Host)).String()
	s.reg.SessionManager().ValidLogin = s.validLogin // now, for the SSO endpoint sets its own
	h := s.server.Config.Handler
	if cfg.gaps {
		h = s.fillHTTP(h)
	}
	h = s.admin.injectFaults(h)
	if cfg.gzip {
		h = gzipResponses(h)
	}
	if cfg.callLog != "" {
		f, err := os.OpenFile(cfg.callLog, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			return nil, err
		}
		s.admin.logTo(f)
	}
	h = s.admin.callLog(h)
	s.server.Config.Handler = s.admin.endpoints(h)
	return s, nil
}

// url is the address with the credentials a client may use.
func (s *sim) url() *url.URL {
	u := *s.server.URL
	user, password := s.user, s.password
	if user == "" {
		user, password = "user", "pass"
	}
	u.User = url.UserPassword(user, password)
	return &u
}

func (s *sim) close() {
	sims.Delete(s.reg)
	s.admin.close()
	s.server.CloseClientConnections()
	s.server.Close()
	s.model.Remove()
}

// validLogin decides about SOAP and REST logins alike.
func (s *sim) validLogin(req *types.Login) bool {
	if req.UserName == s.internal.UserName {
		return req.Password == s.internal.Password
	}
	return s.dir.login(req.UserName, req.Password)
}

// dialectOf: /api has tagging from 7.0U2 on; before 7.0 it is the JSON-RPC endpoint.
func dialectOf(version string) string {
	var major, minor, update int
	_, _ = fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &update)
	switch {
	case major < 7:
		return "rest"
	case major == 7 && minor == 0 && update < 2:
		return "early"
	}
	return "both"
}

func randomID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
