package main

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// leases has the leases of imports by their ids; see adoptLeases.
var leases sync.Map

// serveNFC keeps what is uploaded: the simulator only counts its bytes. A stream-optimized VMDK becomes the data of the
// disk, as on a host, which refuses one that is damaged or cut off. Other bytes are kept as they are: a host would refuse
// them, but packages of tests have such disks.
func (s *sim) serveNFC(next http.Handler, w http.ResponseWriter, r *http.Request) {
	file, capacity := s.nfcTarget(r.URL.Path)
	if file == "" || r.Method != http.MethodPut && r.Method != http.MethodPost {
		next.ServeHTTP(w, r)
		return
	}
	upload, err := os.CreateTemp(path.Dir(file), ".upload-*")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer os.Remove(upload.Name())
	defer upload.Close()
	answer := &bufWriter{h: http.Header{}}
	r.Body = io.NopCloser(io.TeeReader(r.Body, upload))
	next.ServeHTTP(answer, r)
	if answer.code == 0 || answer.code == http.StatusOK {
		if err := keepDisk(upload, file, capacity); err != nil {
			log.Printf("nfc %s: %v", file, err)
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	answer.flush(w, answer.b.Bytes())
}

// nfcTarget is the local file of an upload, and the capacity of the disk in bytes; nothing when the lease is not known.
func (s *sim) nfcTarget(url string) (string, int64) {
	parts := strings.Split(url, "/")
	if len(parts) < 2 {
		return "", 0
	}
	held, _ := leases.Load(parts[len(parts)-2])
	lease, ok := held.(*simulator.HttpNfcLease)
	if !ok || lease.Info == nil {
		return "", 0
	}
	ctx := s.model.Service.Context
	vm, ok := s.reg.Get(lease.Info.Entity).(*simulator.VirtualMachine)
	if !ok {
		return "", 0
	}
	dc, ok := s.reg.Get(datacenterOf(ctx, vm.Self)).(*simulator.Datacenter)
	if !ok {
		return "", 0
	}
	for _, d := range vm.Config.Hardware.Device {
		disk, ok := d.(*types.VirtualDisk)
		if !ok {
			continue
		}
		b, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo)
		if !ok {
			continue
		}
		if name := b.GetVirtualDeviceFileBackingInfo().FileName; path.Base(name) == parts[len(parts)-1] {
			return localPath(ctx, dc, name), disk.CapacityInKB * 1024
		}
	}
	return "", 0
}

// keepDisk writes the data of a disk.
func keepDisk(upload *os.File, file string, capacity int64) error {
	if _, err := upload.Seek(0, io.SeekStart); err != nil {
		return err
	}
	flat, err := os.Create(simulator.VirtualDiskBackingFileName(file))
	if err != nil {
		return err
	}
	defer flat.Close()
	in := bufio.NewReaderSize(upload, 1<<20)
	if magic, _ := in.Peek(4); string(magic) != "KDMV" {
		_, err := io.Copy(flat, in)
		return err
	}
	return unstream(in, flat, capacity)
}

// vmdkHeader is the first sector of a sparse extent, up to what is not needed.
type vmdkHeader struct {
	Magic, Version, Flags                                   uint32
	Capacity, GrainSize, DescriptorOffset, DescriptorSize   uint64
	EntriesPerTable                                         uint32
	RedundantDirectoryOffset, DirectoryOffset, OverheadSize uint64
	Unclean                                                 uint8
	Newlines                                                [4]byte
	Algorithm                                               uint16
}

// unstream reads a stream-optimized VMDK from front to back ("Virtual Disk Format 5.0"), and checks that its tables agree
// with its grains.
func unstream(in *bufio.Reader, out *os.File, capacity int64) error {
	const sector = 512
	var h vmdkHeader
	at := uint64(0)
	read := func(n uint64) ([]byte, error) {
		b := make([]byte, n)
		_, err := io.ReadFull(in, b)
		at += n
		return b, err
	}
	first, err := read(sector)
	if err != nil {
		return err
	}
	if err := decode(first, &h); err != nil {
		return err
	}
	if h.Version > 3 || h.Flags&0x30000 != 0x30000 || h.Algorithm != 1 || string(h.Newlines[:]) != "\n \r\n" || h.DirectoryOffset != ^uint64(0) {
		return errors.New("this is not a stream-optimized VMDK")
	}
	// The capacity of the virtual machine's disk is in KiB.
	if got := int64(h.Capacity) * sector; (got+1023)/1024 != (capacity+1023)/1024 {
		return fmt.Errorf("the VMDK has %d bytes, the disk %d", got, capacity)
	}
	if _, err := read((h.OverheadSize - 1) * sector); err != nil {
		return err
	}
	if err := out.Truncate(int64(h.Capacity) * sector); err != nil {
		return err
	}
	grains, tables := map[uint64]uint64{}, map[uint64]uint64{}
	last, directory := int64(-1), uint64(0)
	var footer *vmdkHeader
	for {
		start := at / sector
		marker, err := read(sector)
		if err != nil {
			return fmt.Errorf("the VMDK is cut off: %w", err)
		}
		value, size := binary.LittleEndian.Uint64(marker), binary.LittleEndian.Uint32(marker[8:])
		if size > 0 {
			packed := marker[12:min(12+size, sector)]
			if rest := (uint64(size) + 12 + sector - 1) / sector * sector; rest > sector {
				more, err := read(rest - sector)
				if err != nil {
					return fmt.Errorf("the VMDK is cut off: %w", err)
				}
				packed = append(packed, more...)[:size]
			}
			z, err := zlib.NewReader(bytes.NewReader(packed))
			if err != nil {
				return err
			}
			data, err := io.ReadAll(z)
			if err != nil {
				return err
			}
			if int64(value) <= last || value%h.GrainSize != 0 || uint64(len(data)) > h.GrainSize*sector {
				return fmt.Errorf("the grain at sector %d is out of place", value)
			}
			last = int64(value)
			grains[value/h.GrainSize] = start
			if _, err := out.WriteAt(data, int64(value)*sector); err != nil {
				return err
			}
			continue
		}
		kind := binary.LittleEndian.Uint32(marker[12:])
		start = at / sector
		body, err := read(value * sector)
		if err != nil {
			return fmt.Errorf("the VMDK is cut off: %w", err)
		}
		switch kind {
		case 0: // the end
			if footer == nil || footer.DirectoryOffset != directory {
				return errors.New("the VMDK has no footer")
			}
			// What is behind the end of the disk does not matter.
			return out.Truncate(int64(h.Capacity) * sector)
		case 1:
			n := uint64(last) / h.GrainSize / uint64(h.EntriesPerTable)
			tables[n] = start
			for i := range uint64(h.EntriesPerTable) {
				if got := uint64(binary.LittleEndian.Uint32(body[i*4:])); got != grains[n*uint64(h.EntriesPerTable)+i] {
					return fmt.Errorf("the entry %d of the table %d is %d", i, n, got)
				}
			}
		case 2:
			directory = start
			for n := range (h.Capacity + h.GrainSize*uint64(h.EntriesPerTable) - 1) / (h.GrainSize * uint64(h.EntriesPerTable)) {
				if got := uint64(binary.LittleEndian.Uint32(body[n*4:])); got != tables[n] {
					return fmt.Errorf("the entry %d of the directory is %d", n, got)
				}
			}
		case 3:
			footer = new(vmdkHeader)
			if err := decode(body, footer); err != nil {
				return err
			}
		default:
			return fmt.Errorf("the VMDK has a marker of type %d", kind)
		}
	}
}

func decode(b []byte, h *vmdkHeader) error {
	if _, err := binary.Decode(b, binary.LittleEndian, h); err != nil {
		return err
	}
	if h.Magic != 0x564d444b || h.GrainSize == 0 || h.EntriesPerTable == 0 || h.OverheadSize == 0 {
		return errors.New("this is not a VMDK")
	}
	return nil
}
