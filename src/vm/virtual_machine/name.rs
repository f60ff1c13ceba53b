//! Taking a name that another virtual machine of the same run gives up.
use super::VirtualMachine;
use super::model::{VirtualMachineModel as M, title};
use crate::fault::Doing;
use crate::turnover::{self, Outcome, Turnover};
use tf_framework::{Cx, Result};
use vsphere_client::MoRef;

/// How often a name is looked for; between two looks a change that held it has ended.
const LOOKS: u32 = 10;

/// Waits until the planned name is free in a folder, as far as a change of this run frees it; `who` is the virtual machine
/// that takes it, if there is one yet. Where several wait for each other in a circle, one of them takes another name for a
/// moment. What is taken all the same is vSphere's to refuse.
///
/// # Errors
/// The other name for a moment is refused.
pub(super) async fn turn(
    cx: &Cx<'_, VirtualMachine>,
    plan: &M,
    folder: &MoRef,
    who: Option<&MoRef>,
) -> Result<()> {
    let vsphere = cx.client();
    let (name, timeout) = (plan.name.as_str(), cx.timeout(vsphere.timeout));
    for _ in 0..LOOKS {
        let holder = match vsphere.api.find().child(folder, name).await {
            Ok(Some(holder)) if &*holder.ty == "VirtualMachine" && Some(&holder) != who => holder,
            _ => return Ok(()),
        };
        let known = vsphere.run::<Turnover>().wait(who, &holder, timeout, cx.cancel()).await;
        match (known, who) {
            (Outcome::Circle, Some(who)) => {
                let aside = turnover::aside(name, who);
                let done = vsphere.api.entities().rename(who, &aside, timeout, cx.cancel()).await;
                let doing = format!("rename {} to {aside:?} for a moment", title(plan));
                done.doing(doing)?;
                vsphere.run::<Turnover>().left(who);
            }
            _ if cx.cancel().is_cancelled() => return Ok(()),
            _ => {}
        }
        let now = vsphere.api.find().child(folder, name).await;
        if known == Outcome::Over && now.is_ok_and(|now| now.as_ref() == Some(&holder)) {
            return Ok(());
        }
    }
    Ok(())
}
