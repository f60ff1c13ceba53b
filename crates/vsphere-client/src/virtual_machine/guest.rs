//! Waiting for the guest: until it is on the network, and what was seen when it was not.

use std::fmt;
use std::net::IpAddr;

use vim_types::types::{
    GuestNicInfo, GuestStackInfo, VirtualMachineConnectionState, VirtualMachinePowerState,
    VirtualMachineQuestionInfo,
};
use vim_types::xml::MoRef;

use super::{VirtualMachines, Wait};
use crate::error::{Error, Result};

crate::properties! {
    /// What waiting looks at.
    pub struct GuestState of "VirtualMachine" {
        /// Whether it is on.
        pub power_state: VirtualMachinePowerState = "runtime.powerState",
        /// Whether the server can reach it.
        pub connection_state: VirtualMachineConnectionState = "runtime.connectionState",
        /// A question that it waits with.
        pub question: Option<Box<VirtualMachineQuestionInfo>> = "runtime.question",
        /// `guestToolsRunning`, `guestToolsNotRunning`, `guestToolsExecutingScripts`.
        pub tools_running: Option<String> = "guest.toolsRunningStatus",
        /// `guestToolsCurrent`, `guestToolsNotInstalled`, ….
        pub tools_version: Option<String> = "guest.toolsVersionStatus2",
        /// `running`, `notRunning`, `shuttingDown`, ….
        pub guest_state: Option<String> = "guest.guestState",
        /// The address that the guest tools hold for the first.
        pub ip_address: Option<String> = "guest.ipAddress",
        /// The network interfaces as the guest sees them.
        pub nics: Vec<GuestNicInfo> = "guest.net",
        /// The routes as the guest sees them.
        pub ip_stacks: Vec<GuestStackInfo> = "guest.ipStack",
    }
}

impl GuestState {
    /// Takes one property over from another.
    pub(super) fn take_over(&mut self, path: &str, from: GuestState) {
        match path {
            "runtime.powerState" => self.power_state = from.power_state,
            "runtime.connectionState" => self.connection_state = from.connection_state,
            "runtime.question" => self.question = from.question,
            "guest.toolsRunningStatus" => self.tools_running = from.tools_running,
            "guest.toolsVersionStatus2" => self.tools_version = from.tools_version,
            "guest.guestState" => self.guest_state = from.guest_state,
            "guest.ipAddress" => self.ip_address = from.ip_address,
            "guest.net" => self.nics = from.nics,
            "guest.ipStack" => self.ip_stacks = from.ip_stacks,
            _ => {}
        }
    }

    /// The interfaces that belong to a device (containers and VPNs in the guest have none), with what they say. Where
    /// none of them has an address, those of the guest's own (bridges, bonds, VLANs) count that hold its default
    /// gateway in their network.
    pub fn seen_nics(&self) -> Vec<SeenNic> {
        self.counting()
            .into_iter()
            .map(|nic| SeenNic {
                key: nic.device_config_id,
                mac: nic.mac_address.clone().unwrap_or_default(),
                network: nic.network.clone().unwrap_or_default(),
                connected: nic.connected,
                addresses: addresses(nic),
            })
            .collect()
    }

    fn counting(&self) -> Vec<&GuestNicInfo> {
        let (mut devices, others): (Vec<_>, Vec<_>) =
            self.nics.iter().partition(|nic| nic.device_config_id >= 0);
        let filter = AddressFilter::default();
        if !devices.iter().any(|nic| addresses(nic).iter().any(|a| !filter.ignores(a))) {
            let gateways = self.gateways();
            devices.extend(others.into_iter().filter(|nic| {
                networks(nic).any(|(a, length)| !filter.ignores(&a) && reaches(a, length, &gateways, false))
            }));
        }
        devices
    }

    /// The addresses that count, in the order of interfaces.
    pub fn addresses(&self, filter: &AddressFilter) -> Vec<IpAddr> {
        let all = self.seen_nics().into_iter().flat_map(|nic| nic.addresses);
        all.filter(|address| !filter.ignores(address)).collect()
    }

    /// The default gateways.
    fn gateways(&self) -> Vec<IpAddr> {
        let routes = self
            .ip_stacks
            .iter()
            .filter_map(|stack| stack.ip_route_config.as_deref())
            .flat_map(|config| &config.ip_route)
            .filter(|route| route.prefix_length == 0);
        routes.filter_map(|route| route.gateway.ip_address.as_deref()?.parse().ok()).collect()
    }
}

fn addresses(nic: &GuestNicInfo) -> Vec<IpAddr> {
    nic.ip_address.iter().filter_map(|text| text.split('%').next()?.parse().ok()).collect()
}

/// The addresses of an interface with the lengths of their networks.
fn networks(nic: &GuestNicInfo) -> impl Iterator<Item = (IpAddr, u8)> {
    let all = nic.ip_config.as_deref().map_or(&[][..], |config| &config.ip_address);
    all.iter().filter_map(|net| {
        Some((net.ip_address.parse().ok()?, u8::try_from(net.prefix_length).unwrap_or(u8::MAX)))
    })
}

/// Whether the network of an address holds a gateway. `link_local`: the gateway of an IPv6 network is a link-local address
/// as a rule, which any IPv6 address reaches then.
fn reaches(address: IpAddr, length: u8, gateways: &[IpAddr], link_local: bool) -> bool {
    gateways.iter().any(|gateway| match (address, gateway) {
        (IpAddr::V4(a), IpAddr::V4(g)) => {
            length <= 32 && prefix(a.to_bits().into(), g.to_bits().into(), 32, length)
        }
        (IpAddr::V6(a), IpAddr::V6(g)) => {
            link_local && g.segments()[0] & 0xffc0 == 0xfe80
                || length <= 128 && prefix(a.to_bits(), g.to_bits(), 128, length)
        }
        _ => false,
    })
}

/// A network interface as the guest sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenNic {
    /// The key of the device.
    pub key: i32,
    /// The MAC address.
    pub mac: String,
    /// The name of the network.
    pub network: String,
    /// Whether it is connected.
    pub connected: bool,
    /// The addresses.
    pub addresses: Vec<IpAddr>,
}

/// Addresses that do not count. Link-local addresses and loopback never do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressFilter {
    ignored: Vec<(IpAddr, u8)>,
}

impl AddressFilter {
    /// Ignores addresses (`10.0.0.5`) and networks (`10.0.0.0/8`, `fd00::/8`).
    ///
    /// # Errors
    /// The first text that is neither.
    ///
    /// ```
    /// use vsphere_client::virtual_machine::AddressFilter;
    /// let filter = AddressFilter::new(["10.0.0.0/8", "fd00::1"]).unwrap();
    /// assert!(filter.ignores(&"10.2.3.4".parse().unwrap()));
    /// assert!(filter.ignores(&"fe80::1".parse().unwrap()));
    /// assert!(!filter.ignores(&"192.168.0.1".parse().unwrap()));
    /// assert_eq!(AddressFilter::new(["10.0.0.0/33"]).unwrap_err(), "10.0.0.0/33");
    /// ```
    pub fn new<T: AsRef<str>>(ignored: impl IntoIterator<Item = T>) -> Result<Self, String> {
        let parse = |text: &str| -> Option<(IpAddr, u8)> {
            let (address, length) = match text.split_once('/') {
                Some((address, length)) => (address, Some(length)),
                None => (text, None),
            };
            let address: IpAddr = address.trim().parse().ok()?;
            let whole = if address.is_ipv4() { 32 } else { 128 };
            let length = length.map_or(Some(whole), |l| l.trim().parse().ok())?;
            (length <= whole).then_some((address, length))
        };
        let ignored = ignored
            .into_iter()
            .map(|text| parse(text.as_ref()).ok_or_else(|| text.as_ref().to_owned()))
            .collect::<Result<_, _>>()?;
        Ok(AddressFilter { ignored })
    }

    /// Whether an address does not count.
    pub fn ignores(&self, address: &IpAddr) -> bool {
        let local = match address {
            IpAddr::V4(v4) => v4.is_link_local(),
            IpAddr::V6(v6) => v6.segments()[0] & 0xffc0 == 0xfe80,
        };
        let inside = |(net, length): &(IpAddr, u8)| match (net, address) {
            (IpAddr::V4(net), IpAddr::V4(a)) => prefix(net.to_bits().into(), a.to_bits().into(), 32, *length),
            (IpAddr::V6(net), IpAddr::V6(a)) => prefix(net.to_bits(), a.to_bits(), 128, *length),
            _ => false,
        };
        local || address.is_loopback() || address.is_unspecified() || self.ignored.iter().any(inside)
    }
}

fn prefix(a: u128, b: u128, bits: u32, length: u8) -> bool {
    let rest = bits - u32::from(length);
    (a ^ b).checked_shr(rest).unwrap_or(0) == 0
}

/// What to wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitFor {
    /// Any address that counts.
    Address,
    /// An address that counts, and with `routable` a default gateway that can be reached from it: the network
    /// of one of the interfaces holds the gateway.
    Network {
        /// Whether a gateway is needed too.
        routable: bool,
    },
}

/// Why waiting for the guest ended without success: what was seen last.
#[derive(Clone, Debug, PartialEq)]
pub struct NotReady {
    /// What was seen last; nothing when the server never answered.
    pub seen: Option<Box<GuestState>>,
    /// The addresses that were there and did not count.
    pub ignored: Vec<IpAddr>,
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(seen) = &self.seen else { return f.write_str("nothing was seen of the virtual machine") };
        if seen.power_state != VirtualMachinePowerState::PoweredOn {
            return write!(f, "the virtual machine is {}", seen.power_state.as_str());
        }
        if let Some(question) = &seen.question {
            write!(f, "the virtual machine waits for an answer: {}; ", question.text.trim())?;
        }
        match (seen.tools_version.as_deref(), seen.tools_running.as_deref()) {
            (Some("guestToolsNotInstalled"), _) => {
                f.write_str("guest tools are not installed, and without them no address is known")?;
            }
            (_, Some("guestToolsRunning")) => f.write_str("guest tools are running")?,
            (_, Some("guestToolsExecutingScripts")) => f.write_str("guest tools are starting")?,
            (_, other) => write!(f, "guest tools are not running ({})", other.unwrap_or("unknown"))?,
        }
        let nics = seen.seen_nics();
        if nics.is_empty() {
            return f.write_str("; the guest reports no network interface");
        }
        for nic in &nics {
            let state = if nic.connected { "connected" } else { "not connected" };
            write!(f, "; {} on {:?} is {state}", nic.mac, nic.network)?;
            if nic.addresses.is_empty() {
                f.write_str(" and has no address")?;
            }
            for (n, address) in nic.addresses.iter().enumerate() {
                write!(f, "{} {address}", if n == 0 { " with" } else { "," })?;
                if self.ignored.contains(address) {
                    f.write_str(" (ignored)")?;
                }
            }
        }
        Ok(())
    }
}

impl std::error::Error for NotReady {}

impl VirtualMachines<'_> {
    /// Waits until the guest is on the network, and returns the addresses that count. Fails at once when the
    /// machine is not on.
    ///
    /// # Errors
    /// The outer error is of a call, or that it was cancelled; the inner says what was seen when the time was
    /// over.
    pub async fn wait_for_guest(
        &self,
        vm: &MoRef,
        what: &WaitFor,
        filter: &AddressFilter,
        wait: Wait<'_>,
    ) -> Result<Result<Vec<IpAddr>, NotReady>> {
        let mut last = None;
        let began = tokio::time::Instant::now();
        let mut said = String::new();
        loop {
            let wait = wait.within(wait.timeout.saturating_sub(began.elapsed()));
            let result = self
                .watch_until(vm, wait, |state| {
                    let found = ready(state, what, filter);
                    let seen = progress(state);
                    if found.is_none() && seen != said {
                        tracing::info!(%vm, waiting_for = ?what, seen, "waiting for the guest");
                        said = seen;
                    }
                    last = Some(Box::new(state.clone()));
                    let off = state.power_state == VirtualMachinePowerState::PoweredOff;
                    found.map(Some).or(off.then_some(None))
                })
                .await;
            match result {
                Ok(Some(addresses)) => return Ok(Ok(addresses)),
                Ok(None) => {
                    // This method does not power it on; but a user may have since the last poll.
                    let now = self.guest_now(vm).await?;
                    if now.power_state != VirtualMachinePowerState::PoweredOff {
                        continue;
                    }
                    last = Some(Box::new(now));
                }
                Err(Error::Timeout { .. }) => {}
                Err(error) => return Err(error),
            }
            let ignored = last.as_deref().map_or_else(Vec::new, |state| {
                let all = state.seen_nics().into_iter().flat_map(|nic| nic.addresses);
                all.filter(|address| filter.ignores(address)).collect()
            });
            return Ok(Err(NotReady { seen: last, ignored }));
        }
    }
}

/// How far a guest has come, for the log.
fn progress(state: &GuestState) -> String {
    let tools = state.tools_running.as_deref().unwrap_or("unknown tools");
    let guest = state.guest_state.as_deref().unwrap_or("unknown state");
    let addresses: Vec<_> = state.nics.iter().flat_map(|nic| &nic.ip_address).map(String::as_str).collect();
    let addresses = if addresses.is_empty() { "no address".to_owned() } else { addresses.join(", ") };
    format!("{tools}, {guest}, {addresses}")
}

/// The addresses that count, when what is waited for is there.
fn ready(state: &GuestState, what: &WaitFor, filter: &AddressFilter) -> Option<Vec<IpAddr>> {
    let mut addresses = state.addresses(filter);
    if addresses.is_empty() && *what == WaitFor::Address {
        // Old tools tell only the first address, and of no interface.
        addresses.extend(
            state.ip_address.as_deref().and_then(|text| text.parse().ok()).filter(|a| !filter.ignores(a)),
        );
    }
    let routable = match what {
        WaitFor::Network { routable: true } => {
            let gateways = state.gateways();
            state.counting().into_iter().any(|nic| {
                networks(nic).any(|(a, length)| addresses.contains(&a) && reaches(a, length, &gateways, true))
            })
        }
        _ => true,
    };
    (routable && !addresses.is_empty()).then_some(addresses)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use vim_types::types::{
        NetIpConfigInfo, NetIpConfigInfoIpAddress, NetIpRouteConfigInfo, NetIpRouteConfigInfoGateway,
        NetIpRouteConfigInfoIpRoute,
    };

    fn nic(key: i32, addresses: &[&str]) -> GuestNicInfo {
        let config = addresses.iter().map(|a| NetIpConfigInfoIpAddress {
            ip_address: (*a).to_owned(),
            prefix_length: if a.contains(':') { 64 } else { 24 },
            ..Default::default()
        });
        GuestNicInfo {
            network: Some("VM Network".to_owned()),
            mac_address: Some("00:50:56:00:00:01".to_owned()),
            connected: true,
            device_config_id: key,
            ip_address: addresses.iter().map(|a| (*a).to_owned()).collect(),
            ip_config: Some(Box::new(NetIpConfigInfo { ip_address: config.collect(), ..Default::default() })),
            ..Default::default()
        }
    }

    fn route(gateway: &str) -> GuestStackInfo {
        let route = NetIpRouteConfigInfoIpRoute {
            network: "0.0.0.0".to_owned(),
            prefix_length: 0,
            gateway: NetIpRouteConfigInfoGateway {
                ip_address: Some(gateway.to_owned()),
                ..Default::default()
            },
        };
        GuestStackInfo {
            ip_route_config: Some(Box::new(NetIpRouteConfigInfo { ip_route: vec![route] })),
            ..Default::default()
        }
    }

    fn state(nics: Vec<GuestNicInfo>, gateway: Option<&str>) -> GuestState {
        GuestState {
            power_state: VirtualMachinePowerState::PoweredOn,
            tools_running: Some("guestToolsRunning".to_owned()),
            nics,
            ip_stacks: gateway.map(route).into_iter().collect(),
            ..Default::default()
        }
    }

    #[test]
    fn what_is_waited_for_is_there_or_not() {
        let none = AddressFilter::default();
        let ten = AddressFilter::new(["10.0.0.0/8"]).unwrap();
        let routable = WaitFor::Network { routable: true };
        let any = WaitFor::Network { routable: false };
        let v4 = || vec![nic(4000, &["10.0.0.5", "fe80::5"])];
        for (what, state, filter, expected) in [
            (&any, state(vec![], None), &none, 0),
            (&any, state(v4(), None), &none, 1),
            (&any, state(v4(), None), &ten, 0),
            (&any, state(vec![nic(4000, &["fe80::5", "169.254.3.4"])], None), &none, 0),
            // A bridge of containers in the guest.
            (&any, state(vec![nic(-1, &["172.17.0.1"])], None), &none, 0),
            // A bridge, or a bond, that the default route goes over; its device has no address of its own.
            (&routable, state(vec![nic(4000, &[]), nic(-1, &["10.0.0.5"])], Some("10.0.0.1")), &none, 1),
            (
                &any,
                state(vec![nic(4000, &["fe80::5"]), nic(-1, &["172.17.0.1"])], Some("10.0.0.1")),
                &none,
                0,
            ),
            (&routable, state(v4(), None), &none, 0),
            (&routable, state(v4(), Some("10.0.0.1")), &none, 1),
            (&routable, state(v4(), Some("10.9.0.1")), &none, 0),
            (&routable, state(vec![nic(4000, &["2001:db8::5"])], Some("fe80::1")), &none, 1),
            (
                &routable,
                state(vec![nic(4000, &["10.0.0.5"]), nic(-1, &["172.17.0.1"])], Some("172.17.0.2")),
                &none,
                0,
            ),
        ] {
            assert_eq!(ready(&state, what, filter).unwrap_or_default().len(), expected, "{what:?} {state:?}");
        }
        let old = GuestState { ip_address: Some("10.0.0.5".to_owned()), ..state(vec![], None) };
        assert_eq!(ready(&old, &WaitFor::Address, &none).unwrap().len(), 1);
        assert_eq!(ready(&old, &any, &none), None);
    }

    #[test]
    fn what_was_seen_is_said() {
        let text = |state: GuestState, ignored: &[&str]| {
            let ignored = ignored.iter().map(|a| a.parse().unwrap()).collect();
            NotReady { seen: Some(Box::new(state)), ignored }.to_string()
        };
        assert_eq!(
            text(GuestState { power_state: VirtualMachinePowerState::PoweredOff, ..Default::default() }, &[]),
            "the virtual machine is poweredOff"
        );
        let without =
            GuestState { tools_version: Some("guestToolsNotInstalled".to_owned()), ..state(vec![], None) };
        assert_eq!(
            text(without, &[]),
            "guest tools are not installed, and without them no address is known; the guest reports no network interface"
        );
        let mut unplugged = nic(4001, &[]);
        unplugged.connected = false;
        assert_eq!(
            text(state(vec![nic(4000, &["169.254.0.9", "10.0.0.5"]), unplugged], None), &["169.254.0.9"]),
            "guest tools are running; 00:50:56:00:00:01 on \"VM Network\" is connected with 169.254.0.9 (ignored), \
             10.0.0.5; 00:50:56:00:00:01 on \"VM Network\" is not connected and has no address"
        );
    }
}
