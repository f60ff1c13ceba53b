package main

import (
	"net/url"
	"testing"

	"github.com/vmware/govmomi/ssoadmin"
	ssotypes "github.com/vmware/govmomi/ssoadmin/types"
	"github.com/vmware/govmomi/sts"
	"github.com/vmware/govmomi/vim25/soap"
)

func (w *world) sso(user, password string) (*ssoadmin.Client, error) {
	c, err := ssoadmin.NewClient(w.ctx, w.client.Client)
	w.ok(err)
	tokens, err := sts.NewClient(w.ctx, w.client.Client)
	w.ok(err)
	signer, err := tokens.Issue(w.ctx, sts.TokenRequest{Userinfo: url.UserPassword(user, password)})
	if err != nil {
		return nil, err
	}
	return c, c.Login(c.WithHeader(w.ctx, soap.Header{Security: signer}))
}

// Users and groups of SSO are those of the directory; a user that is created can log in.
func TestSSO(t *testing.T) {
	w := newWorld(t, directoryFile(t))
	c, err := w.sso("user", "pass")
	w.ok(err)
	equal(w, len(w.sim.sso.list()), 1)

	const good = "P@ssw0rd123!"
	if err := c.CreatePersonUser(w.ctx, "dora", ssotypes.AdminPersonDetails{}, "weak"); err == nil {
		t.Error("a weak password was accepted")
	}
	w.ok(c.CreatePersonUser(w.ctx, "dora", ssotypes.AdminPersonDetails{FirstName: "Dora"}, good))
	if err := c.CreatePersonUser(w.ctx, "DORA", ssotypes.AdminPersonDetails{}, good); err == nil {
		t.Error("a name was given twice")
	}
	user, err := c.FindPersonUser(w.ctx, "Dora@vsphere.local")
	w.ok(err)
	equal(w, user.Details.FirstName, "Dora")
	if _, err := w.sso("dora@vsphere.local", "wrong"); err == nil {
		t.Error("a token for a wrong password")
	}
	_, err = w.sso("dora@vsphere.local", good)
	w.ok(err)

	w.ok(c.CreateGroup(w.ctx, "team", ssotypes.AdminGroupDetails{Description: "x"}))
	carl := ssotypes.PrincipalId{Name: "carl", Domain: "corp"}
	w.ok(c.AddUsersToGroup(w.ctx, "team", user.Id, carl))
	w.ok(c.AddGroupsToGroup(w.ctx, "team", ssotypes.PrincipalId{Name: "inner", Domain: "vsphere.local"}))
	if err := c.AddUsersToGroup(w.ctx, "team", ssotypes.PrincipalId{Name: "nil", Domain: "corp"}); err == nil {
		t.Error("a user that does not exist is a member")
	}
	users, err := c.FindUsersInGroup(w.ctx, "team", "")
	w.ok(err)
	equal(w, []ssotypes.PrincipalId{users[0].Id, users[1].Id}, []ssotypes.PrincipalId{{Name: "dora", Domain: "vsphere.local"}, carl})
	groups, err := c.FindGroupsInGroup(w.ctx, "team", "")
	w.ok(err)
	equal(w, groups[0].Id.Name, "inner")
	w.ok(c.RemoveUsersFromGroup(w.ctx, "team", carl))
	w.ok(c.DeletePrincipal(w.ctx, "dora"))
	users, err = c.FindUsersInGroup(w.ctx, "team", "")
	w.ok(err)
	equal(w, len(users), 0)

	// The sessions of the vCenter are others.
	w.sim.expire("soap")
	_, err = c.FindGroup(w.ctx, "team")
	w.ok(err)
	equal(w, w.sim.expire("sso"), 2)
	if _, err := c.FindGroup(w.ctx, "team"); err == nil {
		t.Error("a session that has ended is used")
	}
}
