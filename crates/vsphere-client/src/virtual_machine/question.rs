//! Questions: a virtual machine that waits for an answer holds up the task that has raised it, until the server gives up
//! after minutes.

use std::convert::Infallible;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vim_types::methods::AnswerVM;
use vim_types::types::{TaskInfo, VirtualMachineQuestionInfo};
use vim_types::xml::{MoRef, Request};

use super::{GuestState, VirtualMachines, Wait};
use crate::error::{Error, Result};

/// How long a task may run before the first look.
const FIRST: Duration = Duration::from_secs(8);
/// How long a question may be open before it is reported.
const MOMENT: Duration = Duration::from_secs(4);
/// Longer than any task.
const LONG: Duration = Duration::from_secs(7 * 24 * 3600);

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
        // The task cannot end before the question is answered, and how it fails then says less than the question.
        match tokio::time::timeout(MOMENT, run).await {
            Ok(Ok(done)) => Ok(done),
            _ => Err(asked),
        }
    }

    /// Returns when a question stays unanswered. Most tasks end before the first look, and those that do not are watched by
    /// the one poll that watches all virtual machines.
    async fn look_for_questions(&self, vm: &MoRef) -> Result<Infallible> {
        let never = CancellationToken::new();
        tokio::time::sleep(FIRST).await;
        loop {
            let asked = self.watch_until(vm, Wait::new(LONG, &never), |seen| seen.question.clone()).await;
            let Ok(question) = asked else {
                // A look that fails says nothing of the task.
                tokio::time::sleep(FIRST).await;
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
            }
            // Some the server answers itself in a moment.
            let answered =
                |seen: &GuestState| seen.question.as_ref().is_none_or(|q| q.id != question.id).then_some(());
            if let Err(Error::Timeout { .. }) =
                self.watch_until(vm, Wait::new(MOMENT, &never), answered).await
            {
                return Err(Error::Question {
                    vm: vm.clone(),
                    text: question.text.trim().to_owned(),
                    choices: choices(&question),
                });
            }
        }
    }
}
