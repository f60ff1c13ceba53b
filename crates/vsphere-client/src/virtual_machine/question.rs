//! Questions: a virtual machine that waits for an answer holds up the task that has raised it, until the server gives up
//! after minutes.

use std::convert::Infallible;
use std::time::Duration;

use vim_types::methods::AnswerVM;
use vim_types::types::{TaskInfo, VirtualMachineQuestionInfo};
use vim_types::xml::{MoRef, Request};

use super::{VirtualMachines, Wait};
use crate::error::{Error, FaultKind, Result};

/// How long a task may run before the first look, and how long it is from one look to the next.
const PAUSE: Duration = Duration::from_secs(3);

/// Questions that are answered, by the id of their message: a CD-ROM drive that the guest holds is disconnected all the
/// same, which is what was asked for.
const ANSWERS: &[(&str, &str)] = &[("msg.cdromdisconnect.locked", "0")];

/// The id of what is asked, such as `msg.cdromdisconnect.locked`.
fn message(question: &VirtualMachineQuestionInfo) -> &str {
    question.message.first().map_or("", |m| m.id.as_str())
}

/// The choices that there are, in words.
fn choices(question: &VirtualMachineQuestionInfo) -> Vec<String> {
    let all = question.choice.choice_info.iter().filter_map(|c| c.base());
    all.map(|c| c.base.label.clone()).collect()
}

impl VirtualMachines<'_> {
    /// Runs a task on a virtual machine and looks, while it runs, whether that waits for an answer: a question that is
    /// known is answered, any other ends the wait with its text.
    pub(super) async fn attended<R: Request<Response = MoRef> + Sync>(
        &self,
        vm: &MoRef,
        request: &R,
        wait: Wait<'_>,
    ) -> Result<TaskInfo> {
        let stop = wait.cancel.child_token();
        let run = self.run(request, Wait { cancel: &stop, ..wait });
        // On the heap: specifications are large, and callers of callers hold them.
        let mut run = Box::pin(run);
        let asked = tokio::select! {
            biased;
            done = &mut run => return done,
            Err(asked) = Box::pin(self.look_for_questions(vm)) => asked,
        };
        stop.cancel();
        match run.await {
            Ok(done) => Ok(done),
            // It has failed by itself, and says why.
            Err(error @ Error::Task(_))
                if !matches!(error.fault_kind(), Some(FaultKind::RequestCanceled)) =>
            {
                Err(error)
            }
            Err(_) => Err(asked),
        }
    }

    async fn look_for_questions(&self, vm: &MoRef) -> Result<Infallible> {
        let mut open = String::new();
        loop {
            tokio::time::sleep(PAUSE).await;
            // A look that fails says nothing of the task.
            let Ok(seen) = self.guest_now(vm).await else { continue };
            let Some(question) = seen.question else {
                open.clear();
                continue;
            };
            let known = ANSWERS.iter().find(|(id, _)| *id == message(&question));
            if let Some((id, choice)) = known {
                let request = AnswerVM {
                    this: vm.clone(),
                    question_id: question.id.clone(),
                    answer_choice: (*choice).to_owned(),
                };
                let done = self.client.call(&request).await;
                tracing::info!(vm = %vm, question = id, choice, ok = done.is_ok(), "answered a question");
                if done.is_ok() {
                    continue;
                }
            }
            // Some the server answers itself in a moment.
            if open == question.id {
                return Err(Error::Question {
                    vm: vm.clone(),
                    text: question.text.trim().to_owned(),
                    choices: choices(&question),
                });
            }
            open.clone_from(&question.id);
        }
    }
}
